// The client of Communiqué. The messages are in "communique/v1/record_pb.js" and its siblings.
export { Client, collections, type ClientOptions, type Collection } from "./client.js";
export { type CallOptions, type CommitInit, type ListOptions, type ReadOptions } from "./client.js";
export { Watch, type WatchOptions, type WatchStats } from "./watch.js";
export { WatchChain, type Verdict } from "./chain.js";
export { type Retry } from "./backoff.js";
export {
  BrokenChainError,
  ClosedError,
  CommuniqueError,
  ExpiredError,
  TokenRefusedError,
  errorOf,
  type Violation,
} from "./errors.js";
