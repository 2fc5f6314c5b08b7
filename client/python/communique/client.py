"""Calls with deadlines, retries and typed errors."""

import threading
import time
import uuid
import weakref
from typing import Callable, Iterable, Iterator, Optional, Sequence, Tuple

import grpc
from google.protobuf import field_mask_pb2

from communique import v1
from communique.backoff import Backoff, Retry
from communique.errors import ClosedError, Error, error_of, is_retryable
from communique.v1 import admin_pb2_grpc, catalog_pb2_grpc, feed_pb2_grpc, publish_pb2_grpc, screening_pb2_grpc
from communique.watch import Watch

Metadata = Sequence[Tuple[str, str]]

# By collection: the name of the kind, and of the kinds, in the rpcs.
_KINDS = {
    "summits": ("Summit", "Summits"),
    "sanctions": ("Sanction", "Sanctions"),
    "statements": ("Statement", "Statements"),
    "actors": ("Actor", "Actors"),
    "sources": ("Source", "Sources"),
}
_OPTIONS = [
    # One retry loop, the one below.
    ("grpc.enable_retries", 0),
    # A silent connection is probed; the service accepts a probe each 30 s.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.max_pings_without_data", 0),
    # gRPC's own back-off would grow to two minutes, in which every call would fail.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Details of errors come in the trailers, which are cut at 8 KiB unless told.
    ("grpc.max_metadata_size", 1 << 20),
    # A page of 1,000 records has no smaller bound of its own.
    ("grpc.max_receive_message_length", 256 << 20),
    ("grpc.lb_policy_name", "round_robin"),
    ("grpc.primary_user_agent", "communique-python/0.1.0"),
]


class Client:
    """Reads, writes and watches. Every method may be called from any thread.

        with communique.Client("127.0.0.1:7400", principal="desk") as client:
            for summit in client.list("summits", filter='text("Vladivostok")'):
                print(summit.name, summit.summit.title)

    A call ends within `timeout` seconds, its retries included. Retried are UNAVAILABLE, which says
    that the server did not take the call, or that a repeat is safe, and a RESOURCE_EXHAUSTED that
    says when to come again (a full queue); other limits are not. What fails raises `Error`.

    What has no method of its own is called through the stubs `catalog`, `publish`, `feed`,
    `screening` and `admin`: `client.call(client.catalog.Search, v1.SearchRequest(query="summit"))`.
    """

    def __init__(
        self,
        endpoint: str = "127.0.0.1:7400",
        *,
        admin_endpoint: str = "127.0.0.1:7401",
        principal: str = "",
        timeout: float = 30.0,
        retry: Retry = Retry(),
        credentials: Optional[grpc.ChannelCredentials] = None,
        metadata: Optional[Callable[[], Metadata]] = None,
    ):
        """`endpoint` is HOST:PORT or any target of gRPC. `credentials` turns TLS on. `metadata` is
        asked with each attempt, for a bearer token or a trace."""
        self._principal = principal
        self._timeout = timeout
        self._retry = retry
        self._metadata = metadata
        self._lock = threading.Lock()  # Of _watches, against close.
        self._watches: "weakref.WeakSet[Watch]" = weakref.WeakSet()
        self._closed = threading.Event()

        def channel(target: str) -> grpc.Channel:
            if credentials is None:
                return grpc.insecure_channel(target, options=_OPTIONS)
            return grpc.secure_channel(target, credentials, options=_OPTIONS)

        self._channels = channel(endpoint), channel(admin_endpoint)
        self.catalog = catalog_pb2_grpc.CatalogServiceStub(self._channels[0])
        self.publish = publish_pb2_grpc.PublishServiceStub(self._channels[0])
        self.feed = feed_pb2_grpc.FeedServiceStub(self._channels[0])
        self.screening = screening_pb2_grpc.ScreeningServiceStub(self._channels[0])
        self.admin = admin_pb2_grpc.AdminServiceStub(self._channels[1])

    def close(self) -> None:
        """Ends all calls and watches, with `ClosedError`."""
        with self._lock:
            self._closed.set()
            watches = list(self._watches)
        for watch in watches:  # First: what the channels' end cuts is not to be opened again.
            watch._stop(ClosedError())
        for channel in self._channels:
            channel.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def call(self, method, request, timeout: Optional[float] = None):
        """Calls a unary method of a stub, as every method of this class does."""
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        backoff = Backoff(self._retry)
        while not self._closed.is_set():
            left = max(deadline - time.monotonic(), 0.001)
            metadata = self._call_metadata()
            try:
                return method(request, timeout=left, metadata=metadata)
            except grpc.RpcError as failure:
                error = error_of(failure)
                cause = failure
            except ValueError:  # What gRPC raises for a channel that is closed.
                if not self._closed.is_set():
                    raise
                break
            if self._closed.is_set() and error.code in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE):
                break
            if not is_retryable(error) or not self._retry.enabled:
                raise error from cause
            delay = backoff.next(error)
            if time.monotonic() + delay >= deadline:
                raise error from cause
            self._closed.wait(delay)
        raise ClosedError()

    def get(
        self,
        name: str,
        *,
        scope: Optional[v1.ReadScope] = None,
        read_mask: Iterable[str] = (),
        timeout: Optional[float] = None,
    ) -> v1.Record:
        """One record by its name ("summits/kim-putin-2023")."""
        kind, _ = _kind_of(name.partition("/")[0])
        request = getattr(v1, f"Get{kind}Request")(name=name, scope=scope, read_mask=_mask(read_mask))
        return self.call(getattr(self.catalog, f"Get{kind}"), request, timeout)

    def list(
        self,
        collection: str,
        *,
        filter: str = "",
        order_by: str = "",
        page_size: int = 0,
        scope: Optional[v1.ReadScope] = None,
        read_mask: Iterable[str] = (),
        timeout: Optional[float] = None,
    ) -> Iterator[v1.Record]:
        """The records of a collection ("summits") that match, fetched page by page as they are
        walked, all of the revision of the first page. `timeout` is for each page."""
        _, kinds = _kind_of(collection)
        request = getattr(v1, f"List{kinds}Request")(
            filter=filter, order_by=order_by, page_size=page_size, scope=scope, read_mask=_mask(read_mask)
        )
        return self._pages(getattr(self.catalog, f"List{kinds}"), request, collection, timeout)

    def _pages(self, method, request, collection: str, timeout: Optional[float]) -> Iterator[v1.Record]:
        while True:
            page = self.call(method, request, timeout)
            yield from getattr(page, collection)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def commit(
        self,
        *mutations: v1.Mutation,
        reason: str = "",
        preconditions: Iterable[v1.Precondition] = (),
        request_id: str = "",
        validate_only: bool = False,
        timeout: Optional[float] = None,
    ) -> v1.CommitResponse:
        """Applies the mutations as one revision. An empty `request_id` is filled once and kept over
        the retries, so that they are safe; to repeat safely after this process has died, give one
        that follows from the work."""
        request = v1.CommitRequest(
            mutations=mutations,
            preconditions=preconditions,
            request_id=request_id or str(uuid.uuid4()),
            reason=reason,
            validate_only=validate_only,
        )
        return self.call(self.publish.Commit, request, timeout)

    def watch(self, request: v1.WatchRequest = v1.WatchRequest(), *, open_timeout: Optional[float] = None) -> Watch:
        """The changes from where the request starts; by default from now on. `open_timeout` is how
        many seconds to try until the first response; once there was one, it reconnects for ever."""
        watch = Watch(self._open_watch, request, self._retry, open_timeout)
        with self._lock:
            if not self._closed.is_set():
                self._watches.add(watch)
                return watch
        watch._stop(ClosedError())
        return watch

    def _open_watch(self, request: v1.WatchRequest) -> Iterator[v1.WatchResponse]:
        return self.feed.Watch(request, metadata=self._call_metadata())

    def _call_metadata(self) -> Metadata:
        metadata = list(self._metadata()) if self._metadata else []
        if self._principal:
            metadata.append(("communique-principal", self._principal))
        return metadata


def _kind_of(collection: str) -> Tuple[str, str]:
    if collection not in _KINDS:
        raise Error(grpc.StatusCode.INVALID_ARGUMENT, f'no collection of records: "{collection}"')
    return _KINDS[collection]


def _mask(paths: Iterable[str]) -> Optional[field_mask_pb2.FieldMask]:
    paths = list(paths)
    return field_mask_pb2.FieldMask(paths=paths) if paths else None
