import { Code, type Transport } from "@connectrpc/connect";
import { Backoff, sleep, type Retry } from "./backoff.js";
import { errorOf } from "./errors.js";

const never = new AbortController().signal;

/** The same transport, whose unary calls have a deadline, retries and typed errors. */
export function resilient(transport: Transport, retry: Retry, defaultTimeoutMs: number): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const deadline = performance.now() + (timeoutMs ?? defaultTimeoutMs);
      const backoff = new Backoff(retry);
      for (;;) {
        const leftMs = Math.max(Math.ceil(deadline - performance.now()), 1);
        try {
          return await transport.unary(method, signal, leftMs, header, input, contextValues);
        } catch (reason) {
          const error = errorOf(reason);
          if (error.code !== Code.Unavailable || retry.enabled === false) throw error;
          const delayMs = backoff.next(error);
          if (performance.now() + delayMs >= deadline) throw error;
          if (!(await sleep(delayMs, signal ?? never))) throw errorOf(signal!.reason);
        }
      }
    },
    // A watch has its own loop; a load is no single call.
    stream: (...call) => transport.stream(...call),
  };
}
