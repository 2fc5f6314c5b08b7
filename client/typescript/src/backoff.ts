import type { CommuniqueError } from "./errors.js";

// A delay that a server asks for is not followed further than this.
const maxServerDelayMs = 60_000;

/**
 * How attempts are spaced: a random time below a bound that grows (full jitter), and on top of it what
 * the server's RetryInfo asks for.
 */
export interface Retry {
  /** Default: true. */
  enabled?: boolean;
  /** Default: 100. */
  initialBackoffMs?: number;
  /** Default: 5,000. */
  maxBackoffMs?: number;
  /** Default: 2. */
  multiplier?: number;
}

/** The waits of one call or watch. */
export class Backoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #multiplier: number;
  #boundMs: number;

  constructor(retry: Retry) {
    // Not below a millisecond: no options make a loop that never sleeps.
    this.#maxMs = Math.max(retry.maxBackoffMs ?? 5_000, 1);
    this.#initialMs = Math.min(Math.max(retry.initialBackoffMs ?? 100, 1), this.#maxMs);
    this.#multiplier = Math.max(retry.multiplier ?? 2, 1);
    this.#boundMs = this.#initialMs;
  }

  next(error: CommuniqueError): number {
    const delayMs = Math.random() * this.#boundMs;
    this.#boundMs = Math.min(this.#boundMs * this.#multiplier, this.#maxMs);
    return delayMs + Math.min(Math.max(error.retryDelayMs ?? 0, 0), maxServerDelayMs);
  }

  /** Begins again with the first bound. */
  reset(): void {
    this.#boundMs = this.#initialMs;
  }
}

/** Waits, until a signal is aborted at the latest. */
export function sleep(delayMs: number, ...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, delayMs);
    for (const signal of signals) signal.addEventListener("abort", wake);
    if (signals.some((signal) => signal.aborted)) wake();
  });
}
