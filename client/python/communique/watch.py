"""A stream of changes that heals itself."""

import threading
import time
from typing import Callable, Iterator, Optional

import grpc

from communique import v1
from communique.backoff import Backoff, Retry
from communique.chain import Verdict, WatchChain
from communique.errors import BrokenChainError, Error, error_of, is_transient

# The checkpoint interval of a request that names none (feed.proto), in seconds.
_DEFAULT_CHECKPOINT_INTERVAL = 10.0
# A stream that is silent for this many intervals is lost.
_SILENT_INTERVALS = 2.5
# What a stream may take until its first response, at the least: it may have to connect.
_OPEN_SILENCE = 15.0
# A stream that stood this long counts as progress, whatever it carried.
_STANDING_STREAM = 10.0
# A server that breaks the chain this often in a row will do so for ever.
_MAX_BROKEN_CHAINS = 5


def _max_silence(request: v1.WatchRequest) -> float:
    interval = _DEFAULT_CHECKPOINT_INTERVAL
    if request.HasField("checkpoint_interval"):
        interval = request.checkpoint_interval.ToTimedelta().total_seconds()
    return interval * _SILENT_INTERVALS


class _Stream:
    """One stream. gRPC's iterators cannot wait with a limit, so a thread looks after each stream and
    cancels one whose read has waited too long."""

    def __init__(self, call, max_silence: float):
        self._call = call
        self._max_silence = max_silence
        self._deadline: Optional[float] = None  # Only while a read waits.
        self._first = True
        self._over = threading.Event()
        self.opened_at = time.monotonic()
        self.silent_for: Optional[float] = None
        threading.Thread(target=self._guard, name="communique-watch", daemon=True).start()

    def read(self) -> v1.WatchResponse:
        """The next response; StopIteration at the end, grpc.RpcError when the stream is lost."""
        limit = max(self._max_silence, _OPEN_SILENCE) if self._first else self._max_silence
        self._deadline = time.monotonic() + limit
        try:
            response = next(self._call)
        finally:
            self._deadline = None
        self._first = False
        return response

    def cancel(self) -> None:
        self._over.set()
        self._call.cancel()

    def _guard(self) -> None:
        while not self._over.wait(self._max_silence / 10):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self.silent_for = self._max_silence
                self._call.cancel()
                return


class Watch:
    """Iterates over the responses of a watch; made by `Client.watch`.

        with client.watch(v1.WatchRequest(resume_token=token)) as watch:
            for response in watch:
                handle(response)
                store(response.resume_token)  # only now

    When a stream is lost or falls silent, the iteration reconnects with the token of the last
    response it handed out, for ever, with back-off. It checks that the responses chain, within a
    stream and over reconnects: a gap is never handed out. It ends when the end of the request is
    reached or after `cancel`, and raises, at once, what cannot heal: ExpiredError,
    TokenRefusedError, BrokenChainError (five broken chains in a row), or another Error of the
    request; ClosedError when the client is closed. What was raised is raised again by each later
    `next`.

    A stream that ends well before the end of the request is a lost one, too. `until_head` is the
    head as it was when the first stream opened, also after reconnects.

    After an ExpiredError begin with a snapshot, and remove what it lacks: what was deleted meanwhile
    is not told. A held record that no piece up to WATCH_MARK_SNAPSHOT_END carries is gone.

    One thread at a time iterates; `cancel` and the attributes may be used from any.
    """

    def __init__(
        self,
        open_stream: Callable[[v1.WatchRequest], Iterator[v1.WatchResponse]],
        request: v1.WatchRequest,
        retry: Retry,
        open_timeout: Optional[float] = None,
    ):
        self._stream: Optional[_Stream] = None
        self._lock = threading.Lock()  # Of _stream and _stopped_by, against cancel.
        self._stopped = threading.Event()
        self._stopped_by: Exception = StopIteration()  # What to raise then.
        self._open_stream = open_stream
        self._request = v1.WatchRequest()
        self._request.CopyFrom(request)
        self._retry = retry
        self._open_timeout = open_timeout
        self._chain = WatchChain(request)
        self._backoff = Backoff(retry)
        self._end: Optional[Exception] = None
        self._opening_since: Optional[float] = None
        self._answered = False
        self._broken_in_a_row = 0
        # The token of the last response handed out; before it, the one of the request.
        self.resume_token: str = request.resume_token
        # Everything up to this revision was handed out; 0 before the first response.
        self.through_revision = 0
        # The head of the journal as of the last checkpoint.
        self.head_revision = 0
        # Why the last stream was lost; None before the first loss.
        self.last_fault: Optional[Error] = None
        self.reconnect_count = 0
        self.broken_chain_count = 0
        self.repeat_count = 0

    def __iter__(self) -> "Watch":
        return self

    def __next__(self) -> v1.WatchResponse:
        if self._end is not None:
            raise self._end
        if self._opening_since is None:
            self._opening_since = time.monotonic()
        try:
            return self._pull()
        except (StopIteration, Error) as end:
            self._end = end
            self._drop_stream()
            raise

    def cancel(self) -> None:
        """Ends the watch; an iteration that waits ends at once."""
        self._stop(StopIteration())

    def _stop(self, end: Exception) -> None:
        """Ends the watch from outside; the first end stays."""
        with self._lock:
            if not self._stopped.is_set():
                self._stopped_by = end
                self._stopped.set()
        self._drop_stream()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_) -> None:
        self.cancel()

    def __del__(self):
        self.cancel()

    def _pull(self) -> v1.WatchResponse:
        while True:
            stream = self._open()
            broken = False
            try:
                response = stream.read()
            except StopIteration:
                if self._reached():
                    raise
                text = "the stream ended before the end of the request"
                fault = Error(grpc.StatusCode.UNAVAILABLE, text)
            except grpc.RpcError as failure:
                fault = error_of(failure)
                if stream.silent_for is not None:
                    text = f"the stream was silent for {stream.silent_for:g} s"
                    fault = Error(grpc.StatusCode.UNAVAILABLE, text)
            else:
                verdict = self._take(response)
                if verdict is Verdict.NEXT:
                    return response
                if verdict is Verdict.REPEAT:
                    continue
                broken = True
                text = f"the chain of responses broke: {self._chain.problem}"
                fault = BrokenChainError(grpc.StatusCode.DATA_LOSS, text)
            self._recover(fault, broken, time.monotonic() - stream.opened_at)

    def _open(self) -> _Stream:
        with self._lock:
            if self._stopped.is_set():
                raise self._stopped_by
            if self._stream is None:
                self._stream = _Stream(self._open_stream(self._request), _max_silence(self._request))
            return self._stream

    def _reached(self) -> bool:
        """Whether a stream that ended well is the end of the request: a proxy may end one, too."""
        if self._request.HasField("until_revision"):
            return self._answered and self.through_revision >= self._request.until_revision
        return self._answered and self._request.until_head

    def _take(self, response: v1.WatchResponse) -> Verdict:
        """Checks a response and, when it fits, moves on to it."""
        verdict = self._chain.take(response)
        if verdict is Verdict.REPEAT:
            self.repeat_count += 1
        if verdict is Verdict.BROKEN:
            self.broken_chain_count += 1
            self._broken_in_a_row += 1
        if verdict is not Verdict.NEXT:
            return verdict
        self.through_revision = self._chain.through_revision
        self.head_revision = response.head_revision or self.head_revision
        if response.resume_token:
            self.resume_token = response.resume_token
            self._request.resume_token = response.resume_token
            if self._request.HasField("scope"):
                self._request.scope.ClearField("known_at")  # The token remembers it.
        # The head when the first stream opened, not when the next one does.
        if self._request.until_head and response.until_revision:
            self._request.until_revision = response.until_revision
        self._answered = True
        if self._chain.moved:
            self._progress()
        return verdict

    def _progress(self) -> None:
        self._backoff.reset()
        self._broken_in_a_row = 0

    def _recover(self, fault: Error, broken: bool, stood: float) -> None:
        """After a fault: waits for the next attempt, or raises why there is none."""
        self._drop_stream()
        if self._stopped.is_set():
            raise self._stopped_by
        self.last_fault = fault
        if not self._retry.enabled:
            raise fault
        if self._broken_in_a_row >= _MAX_BROKEN_CHAINS if broken else not is_transient(fault):
            raise fault
        if self._answered and not broken and stood > _STANDING_STREAM:
            self._progress()
        delay = self._backoff.next(fault)
        if not self._answered and self._open_timeout is not None:
            if time.monotonic() + delay > self._opening_since + self._open_timeout:
                raise fault
        self.reconnect_count += 1
        if self._stopped.wait(delay):
            raise self._stopped_by

    def _drop_stream(self) -> None:
        with self._lock:
            stream, self._stream = self._stream, None
        if stream is not None:
            stream.cancel()
