"""What a call may raise. The server's details come in `grpc-status-details-bin`."""

import dataclasses
from typing import Dict, List, Optional, Type, TypeVar

import grpc
from google.protobuf import any_pb2, message
from google.rpc import error_details_pb2, status_pb2

_DETAILS_KEY = "grpc-status-details-bin"
# Reasons that say a resume token is of another store, epoch or query, or damaged.
_TOKEN_REFUSALS = frozenset(
    ("RESUME_TOKEN_EPOCH", "RESUME_TOKEN_MISMATCH", "INVALID_RESUME_TOKEN", "REVISION_IN_FUTURE")
)

M = TypeVar("M", bound=message.Message)


@dataclasses.dataclass(frozen=True)
class Violation:
    """One broken rule."""

    subject: str  # What breaks it: a path of the request, a name, a limit.
    description: str


class Error(Exception):
    """A call that failed.

    `reason` is a name of `v1.ErrorReason` without its prefix ("RECORD_NOT_FOUND"); it is empty
    when the error did not come from the service. `metadata` holds the parts that vary.
    """

    def __init__(self, code: grpc.StatusCode, text: str, details: Optional[List[any_pb2.Any]] = None):
        super().__init__(f"{code.name}: {text}")
        self.code = code
        self.message = text
        self.details = details or []
        info = self.detail(error_details_pb2.ErrorInfo)
        self.reason: str = info.reason if info else ""
        self.metadata: Dict[str, str] = dict(info.metadata) if info else {}

    def detail(self, kind: Type[M]) -> Optional[M]:
        """Any detail by its type, such as `v1.Tombstone` of RECORD_DELETED."""
        for packed in self.details:
            found = kind()
            if packed.Is(kind.DESCRIPTOR) and packed.Unpack(found):
                return found
        return None

    @property
    def violations(self) -> List[Violation]:
        """Everything that is wrong: fields, then preconditions, then limits."""
        found = []
        bad_request = self.detail(error_details_pb2.BadRequest)
        if bad_request:
            found += [Violation(v.field, v.description) for v in bad_request.field_violations]
        for kind in (error_details_pb2.PreconditionFailure, error_details_pb2.QuotaFailure):
            failure = self.detail(kind)
            if failure:
                found += [Violation(v.subject, v.description) for v in failure.violations]
        return found

    @property
    def retry_delay(self) -> Optional[float]:
        """How many seconds the server asks to wait before a retry."""
        info = self.detail(error_details_pb2.RetryInfo)
        return info.retry_delay.ToTimedelta().total_seconds() if info else None


class ClosedError(Error):
    """The client was closed (CANCELLED): what its calls and watches end with, and later ones raise."""

    def __init__(self):
        super().__init__(grpc.StatusCode.CANCELLED, "the client was closed")


class ExpiredError(Error):
    """A token or revision older than what is held (OUT_OF_RANGE): begin with a snapshot, and remove
    what it lacks. What was deleted meanwhile is not told."""

    @property
    def oldest_revision(self) -> int:
        """The oldest revision that can be read; 0 when the server did not say."""
        return int(self.metadata.get("oldest_revision", "0"))


class TokenRefusedError(Error):
    """A resume token of another store, epoch, filter or shard, or a damaged one."""


class BrokenChainError(Error):
    """The server kept sending responses that do not chain (DATA_LOSS): do not go on."""


def error_of(failure: grpc.RpcError) -> Error:
    """The typed error of what gRPC raised."""
    code, text = failure.code(), failure.details() or ""
    details: List[any_pb2.Any] = []
    for key, value in failure.trailing_metadata() or ():
        if key == _DETAILS_KEY:
            status = status_pb2.Status()
            try:
                status.ParseFromString(value)
                details = list(status.details)
            except message.DecodeError:
                pass  # Code and message stand without it.
    error = Error(code, text, details)
    if error.reason in _TOKEN_REFUSALS:
        return TokenRefusedError(code, text, details)
    if code is grpc.StatusCode.OUT_OF_RANGE:
        return ExpiredError(code, text, details)
    return error


def is_retryable(error: Error) -> bool:
    """Whether a call may be repeated: the server is away, or has too much to do just now and says
    when to come again. Other limits are not outwaited."""
    if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return error.retry_delay is not None
    return error.code is grpc.StatusCode.UNAVAILABLE


def is_transient(error: Error) -> bool:
    """Whether a watch may heal by another attempt: also when something between cut the stream.
    Errors of the service carry a reason; gRPC's own do not."""
    if is_retryable(error):
        return True
    if error.reason:
        return False
    if error.code is grpc.StatusCode.INTERNAL:
        return "RST_STREAM" in error.message
    return error.code in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED)
