import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";

// Reasons that say a resume token is of another store, epoch or query, or damaged.
const tokenRefusals = new Set([
  "RESUME_TOKEN_EPOCH",
  "RESUME_TOKEN_MISMATCH",
  "INVALID_RESUME_TOKEN",
  "REVISION_IN_FUTURE",
]);

/** One broken rule. */
export interface Violation {
  /** What breaks it: a path of the request, a name, a limit. */
  subject: string;
  description: string;
}

/** A call that failed, with what the server said about it. */
export class CommuniqueError extends Error {
  override name = "CommuniqueError";
  readonly code: Code;
  /**
   * A name of ErrorReason without its prefix ("RECORD_NOT_FOUND"); empty when the error did not come
   * from the service.
   */
  readonly reason: string;
  /** The parts that vary ("oldest_revision"). */
  readonly metadata: Readonly<Record<string, string>>;

  // No ConnectError itself, whose instanceof looks at names and knows no subclasses.
  constructor(override readonly cause: ConnectError) {
    super(cause.message, { cause });
    this.code = cause.code;
    const info = this.findDetails(ErrorInfoSchema)[0];
    this.reason = info?.reason ?? "";
    this.metadata = info?.metadata ?? {};
  }

  /** Details by their type, such as the TombstoneSchema of RECORD_DELETED. */
  findDetails<Desc extends DescMessage>(desc: Desc): MessageShape<Desc>[] {
    return this.cause.findDetails(desc);
  }

  /** Everything that is wrong: fields, then preconditions, then limits. */
  get violations(): Violation[] {
    return [
      ...this.findDetails(BadRequestSchema)
        .flatMap((d) => d.fieldViolations)
        .map((v) => ({ subject: v.field, description: v.description })),
      ...this.findDetails(PreconditionFailureSchema).flatMap((d) => d.violations),
      ...this.findDetails(QuotaFailureSchema).flatMap((d) => d.violations),
    ].map(({ subject, description }) => ({ subject, description }));
  }

  /** How long the server asks to wait before a retry. */
  get retryDelayMs(): number | undefined {
    const delay = this.findDetails(RetryInfoSchema)[0]?.retryDelay;
    return delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6;
  }
}

/** The client was closed (CANCELED): what its calls and watches end with, and later ones throw. */
export class ClosedError extends CommuniqueError {
  override name = "ClosedError";
  constructor() {
    super(new ConnectError("the client was closed", Code.Canceled));
  }
}

/**
 * A token or revision older than what is held (OUT_OF_RANGE): begin with a snapshot, and remove what it
 * lacks. What was deleted meanwhile is not told.
 */
export class ExpiredError extends CommuniqueError {
  override name = "ExpiredError";
  /** The oldest revision that can be read; 0 when the server did not say. */
  get oldestRevision(): bigint {
    return BigInt(this.metadata["oldest_revision"] ?? 0);
  }
}

/** A resume token of another store, epoch, filter or shard, or a damaged one. */
export class TokenRefusedError extends CommuniqueError {
  override name = "TokenRefusedError";
}

/** The server kept sending responses that do not chain (DATA_LOSS): do not go on. */
export class BrokenChainError extends CommuniqueError {
  override name = "BrokenChainError";
}

/** The typed error of whatever was thrown. */
export function errorOf(reason: unknown): CommuniqueError {
  if (reason instanceof CommuniqueError) return reason;
  const cause = withTransportCode(ConnectError.from(reason));
  const error = new CommuniqueError(cause);
  if (tokenRefusals.has(error.reason)) return new TokenRefusedError(cause);
  if (error.code === Code.OutOfRange) return new ExpiredError(cause);
  return error;
}

// What the other end of a connection leaves behind when it dies has no code of its own in Connect: a
// stream that ends early is INTERNAL, a reset one ABORTED or CANCELED, half a message INVALID_ARGUMENT.
// None of them has details, as every error of the service has. They are what gRPC calls UNAVAILABLE.
function withTransportCode(error: ConnectError): ConnectError {
  const { code, details, rawMessage } = error;
  const lost =
    details.length === 0 &&
    (code === Code.Internal ||
      code === Code.Aborted ||
      rawMessage.startsWith("protocol error: ") ||
      // PERMISSION_DENIED: the other end wants another protocol, or better TLS.
      (rawMessage.startsWith("http/2 stream closed") && code !== Code.PermissionDenied));
  if (!lost) return error;
  return new ConnectError(error.rawMessage, Code.Unavailable, error.metadata, undefined, error);
}

/**
 * Whether a call may be repeated: the server is away, or has too much to do just now and says when to
 * come again. Other limits are not outwaited.
 */
export function isRetryable(error: CommuniqueError): boolean {
  if (error.code === Code.ResourceExhausted) return error.retryDelayMs !== undefined;
  return error.code === Code.Unavailable;
}

/**
 * Whether a watch may heal by another attempt: also when something between cut the stream. Errors of
 * the service carry a reason; the transport's own do not.
 */
export function isTransient(error: CommuniqueError): boolean {
  if (isRetryable(error)) return true;
  return error.reason === "" && (error.code === Code.Unknown || error.code === Code.Canceled);
}
