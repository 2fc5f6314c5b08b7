import { clone } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { Backoff, sleep, type Retry } from "./backoff.js";
import { WatchChain, type Verdict } from "./chain.js";
import { BrokenChainError, ClosedError, CommuniqueError, errorOf, isTransient } from "./errors.js";
import { WatchRequestSchema, type WatchRequest, type WatchResponse } from "./gen/communique/v1/feed_pb.js";

// The checkpoint interval of a request that names none (feed.proto).
const defaultCheckpointIntervalMs = 10_000;
// A stream that is silent for this many intervals is lost.
const silentIntervals = 2.5;
// What a stream may take until its first response, at the least: it may have to connect.
const openSilenceMs = 15_000;
// A stream that stood this long counts as progress, whatever it carried.
const standingStreamMs = 10_000;
// A server that breaks the chain this often in a row will do so for ever.
const maxBrokenChains = 5;

export interface WatchOptions {
  /** Ends the watch; what waits throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * How long to try until the first response; then the last error is thrown. Once there was one, a
   * watch reconnects for ever. Default: no limit.
   */
  openTimeoutMs?: number;
}

export interface WatchStats {
  /** Why the last stream was lost; undefined before the first loss. */
  lastFault?: CommuniqueError;
  reconnectCount: number;
  /** Times that a response did not fit to the one before it. */
  brokenChainCount: number;
  /** Responses that were dropped since they had been handed out before. */
  repeatCount: number;
  /** Everything up to this revision was handed out; 0 before the first response. */
  throughRevision: bigint;
  /** The head of the journal as of the last checkpoint. */
  headRevision: bigint;
}

type OpenStream = (request: WatchRequest, signal: AbortSignal) => AsyncIterable<WatchResponse>;

// One stream. A timer ends it when a read waits too long.
class Stream {
  readonly openedAt = performance.now();
  silent = false;
  readonly #abort = new AbortController();
  readonly #responses: AsyncIterator<WatchResponse>;
  #first = true;

  constructor(open: OpenStream, request: WatchRequest, readonly maxSilenceMs: number) {
    this.#responses = open(request, this.#abort.signal)[Symbol.asyncIterator]();
  }

  async read(): Promise<IteratorResult<WatchResponse>> {
    const limitMs = this.#first ? Math.max(this.maxSilenceMs, openSilenceMs) : this.maxSilenceMs;
    const timer = setTimeout(() => {
      this.silent = true;
      this.cancel();
    }, limitMs);
    try {
      return await this.#responses.next();
    } finally {
      this.#first = false;
      clearTimeout(timer);
    }
  }

  cancel(): void {
    this.#abort.abort();
  }
}

/**
 * A stream of changes that heals itself; `Client.watch` makes it.
 *
 *     const watch = client.watch({ start: { case: "resumeToken", value: token } });
 *     for await (const response of watch) {
 *       await handle(response);
 *       await store(response.resumeToken); // only now
 *     }
 *
 * When a stream is lost or falls silent, the iteration reconnects with the token of the last response
 * it handed out, for ever, with back-off. It checks that the responses chain, within a stream and over
 * reconnects: a gap is never handed out. It ends when the end of the request is reached, after
 * `cancel`, and with a `break`. It throws, at once, what cannot heal: ExpiredError, TokenRefusedError,
 * BrokenChainError (five broken chains in a row), or another CommuniqueError of the request; ClosedError
 * when the client is closed. What was thrown is thrown again by each later `next`.
 *
 * A stream that ends well before the end of the request is a lost one, too. `untilHead` is the head as
 * it was when the first stream opened, also after reconnects.
 *
 * After an ExpiredError begin with a snapshot, and remove what it lacks: what was deleted meanwhile is
 * not told. A held record that no piece up to WatchMark.SNAPSHOT_END carries is gone.
 *
 * Call `next` again only when the one before is settled, as `for await` does.
 */
export class Watch implements AsyncIterableIterator<WatchResponse> {
  readonly stats: WatchStats = {
    reconnectCount: 0,
    brokenChainCount: 0,
    repeatCount: 0,
    throughRevision: 0n,
    headRevision: 0n,
  };

  readonly #open: OpenStream;
  readonly #request: WatchRequest;
  readonly #retry: Retry;
  readonly #options: WatchOptions;
  readonly #chain: WatchChain;
  readonly #backoff: Backoff;
  readonly #cancelled = new AbortController();
  #stream: Stream | undefined;
  #end: { error: unknown } | "reached" | undefined;
  #openingSince: number | undefined;
  #answered = false;
  #brokenInARow = 0;

  constructor(
    open: OpenStream,
    request: WatchRequest,
    retry: Retry,
    options: WatchOptions = {},
    /** Ends the watch, with its reason. */
    closed?: AbortSignal,
  ) {
    this.#open = open;
    this.#request = clone(WatchRequestSchema, request);
    this.#retry = retry;
    this.#options = options;
    this.#chain = new WatchChain(request);
    this.#backoff = new Backoff(retry);
    for (const signal of [options.signal, closed]) {
      if (!signal) continue;
      const stop = () => this.#stop(signal.reason);
      signal.addEventListener("abort", stop);
      this.#cancelled.signal.addEventListener("abort", () => signal.removeEventListener("abort", stop));
      if (signal.aborted) stop();
    }
  }

  /**
   * The token of the last response handed out; before it, the one of the request. Store it when what
   * the response carried is dealt with.
   */
  get resumeToken(): string {
    const { start } = this.#request;
    return start.case === "resumeToken" ? start.value : "";
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<WatchResponse, undefined>> {
    this.#openingSince ??= performance.now();
    while (this.#end === undefined) {
      try {
        const response = await this.#pull();
        if (response) return { done: false, value: response };
        this.#end = "reached";
      } catch (error) {
        this.#end = { error };
      }
      this.cancel();
    }
    if (this.#end === "reached") return { done: true, value: undefined };
    throw this.#end.error;
  }

  /** What a `break` out of the loop calls. */
  async return(): Promise<IteratorResult<WatchResponse, undefined>> {
    this.cancel();
    return { done: true, value: undefined };
  }

  /** Ends the watch; an iteration that waits ends at once. */
  cancel(): void {
    this.#stop();
  }

  // The first reason stays.
  #stop(reason?: unknown): void {
    this.#cancelled.abort(reason);
    this.#dropStream();
  }

  // The next response; undefined at the end.
  async #pull(): Promise<WatchResponse | undefined> {
    for (;;) {
      if (this.#isCancelled()) return undefined;
      this.#stream ??= new Stream(this.#open, this.#request, this.#maxSilenceMs());
      const stream = this.#stream;
      let fault: CommuniqueError;
      let broken = false;
      try {
        const result = await stream.read();
        if (result.done) {
          if (this.#reached()) return undefined;
          throw new ConnectError("the stream ended before the end of the request", Code.Unavailable);
        }
        const verdict = this.#take(result.value);
        if (verdict === "next") return result.value;
        if (verdict === "repeat") continue;
        broken = true;
        const text = `the chain of responses broke: ${this.#chain.problem}`;
        fault = new BrokenChainError(new ConnectError(text, Code.DataLoss));
      } catch (reason) {
        fault = errorOf(reason);
        if (stream.silent) {
          const text = `the stream was silent for ${stream.maxSilenceMs} ms`;
          fault = new CommuniqueError(new ConnectError(text, Code.Unavailable));
        }
      }
      this.#dropStream();
      if (this.#isCancelled()) return undefined;
      await this.#recover(fault, broken, performance.now() - stream.openedAt);
    }
  }

  // Whether `cancel` was called; throws when it was the signal's or the client's doing.
  #isCancelled(): boolean {
    this.#options.signal?.throwIfAborted();
    const { aborted, reason } = this.#cancelled.signal;
    if (reason instanceof ClosedError) throw reason;
    return aborted;
  }

  // Whether a stream that ended well is the end of the request: a proxy may end one, too.
  #reached(): boolean {
    const { until } = this.#request;
    if (!this.#answered || until.case === undefined) return false;
    return until.case === "untilHead" || this.#chain.throughRevision >= until.value;
  }

  // Checks a response and, when it fits, moves on to it.
  #take(response: WatchResponse): Verdict {
    const verdict = this.#chain.take(response);
    if (verdict === "repeat") this.stats.repeatCount++;
    if (verdict === "broken") {
      this.stats.brokenChainCount++;
      this.#brokenInARow++;
    }
    if (verdict !== "next") return verdict;
    this.stats.throughRevision = this.#chain.throughRevision;
    if (response.headRevision !== 0n) this.stats.headRevision = response.headRevision;
    if (response.resumeToken !== "") {
      this.#request.start = { case: "resumeToken", value: response.resumeToken };
      if (this.#request.scope) this.#request.scope.knownAt = { case: undefined }; // The token remembers it.
    }
    // The head when the first stream opened, not when the next one does.
    if (this.#request.until.case === "untilHead" && response.untilRevision !== 0n) {
      this.#request.until = { case: "untilRevision", value: response.untilRevision };
    }
    this.#answered = true;
    if (this.#chain.moved) this.#progress();
    return verdict;
  }

  #progress(): void {
    this.#backoff.reset();
    this.#brokenInARow = 0;
  }

  // After a fault: waits for the next attempt, or throws why there is none.
  async #recover(fault: CommuniqueError, broken: boolean, stoodMs: number): Promise<void> {
    this.stats.lastFault = fault;
    if (this.#retry.enabled === false) throw fault;
    if (broken ? this.#brokenInARow >= maxBrokenChains : !isTransient(fault)) throw fault;
    if (this.#answered && !broken && stoodMs > standingStreamMs) this.#progress();
    const delayMs = this.#backoff.next(fault);
    const { openTimeoutMs } = this.#options;
    if (!this.#answered && openTimeoutMs !== undefined) {
      if (performance.now() + delayMs > this.#openingSince! + openTimeoutMs) throw fault;
    }
    this.stats.reconnectCount++;
    await sleep(delayMs, this.#cancelled.signal);
  }

  #maxSilenceMs(): number {
    const interval = this.#request.checkpointInterval;
    const intervalMs = interval
      ? Number(interval.seconds) * 1000 + interval.nanos / 1e6
      : defaultCheckpointIntervalMs;
    return intervalMs * silentIntervals;
  }

  #dropStream(): void {
    this.#stream?.cancel();
    this.#stream = undefined;
  }
}
