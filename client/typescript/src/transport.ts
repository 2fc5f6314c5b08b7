import { Code, type Transport } from "@connectrpc/connect";
import { Backoff, sleep, type Retry } from "./backoff.js";
import { errorOf, isRetryable } from "./errors.js";

const never = new AbortController().signal;

/**
 * The same transport, whose unary calls have a deadline, retries and typed errors. Once `closed` is
 * aborted, calls throw its reason.
 */
export function resilient(
  transport: Transport,
  retry: Retry,
  defaultTimeoutMs: number,
  closed: AbortSignal,
): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const deadline = performance.now() + (timeoutMs ?? defaultTimeoutMs);
      const backoff = new Backoff(retry);
      for (;;) {
        // The transport would connect again.
        closed.throwIfAborted();
        const leftMs = Math.max(Math.ceil(deadline - performance.now()), 1);
        try {
          return await transport.unary(method, signal, leftMs, header, input, contextValues);
        } catch (reason) {
          const error = errorOf(reason);
          const cut = error.code === Code.Canceled || error.code === Code.Unavailable;
          if (cut && !signal?.aborted) closed.throwIfAborted();
          if (!isRetryable(error) || retry.enabled === false) throw error;
          const delayMs = backoff.next(error);
          if (performance.now() + delayMs >= deadline) throw error;
          await sleep(delayMs, closed, signal ?? never);
          if (signal?.aborted) throw errorOf(signal.reason);
        }
      }
    },
    // A watch has its own loop; a load is no single call.
    async stream(...call) {
      closed.throwIfAborted();
      return transport.stream(...call);
    },
  };
}
