"""The proof that a watch misses nothing."""

import enum
from typing import Optional

from communique import v1


class Verdict(enum.Enum):
    NEXT = "next"  # Fits; it is now the last one.
    REPEAT = "repeat"  # Was handed out before: drop it.
    BROKEN = "broken"  # A gap or a contradiction; see `problem`.


class WatchChain:
    """Each response begins where the one handed out before it ended. Pieces of a snapshot chain by
    name, all else by revision. Lives on over reconnects, since a token resumes after its response.

    A token or `now` says nothing about where it stands: there the first response is taken as it is.
    """

    def __init__(self, request: v1.WatchRequest):
        start = request.WhichOneof("start")
        self.problem = ""
        # Whether the last response that was taken moved the position.
        self.moved = False
        # Where the feed stands; None while not known.
        self._through: Optional[int] = request.start_revision if start == "start_revision" else None
        self._in_snapshot = start == "snapshot" and request.snapshot
        # A token may stand within a snapshot.
        self._maybe_snapshot = start == "resume_token"
        # Where a snapshot stands; None while not known, and outside of one.
        self._snapshot_revision: Optional[int] = None
        self._through_name: Optional[str] = "" if self._in_snapshot else None

    @property
    def through_revision(self) -> int:
        return self._through or 0

    def take(self, response: v1.WatchResponse) -> Verdict:
        if response.HasField("snapshot"):
            return self._take_piece(response)
        if self._in_snapshot:
            empty = not response.changes and not response.left_records
            if empty and response.from_revision == 0 and response.through_revision == 0:
                self.moved = False  # A sign of life between two pieces.
                return Verdict.NEXT
            return self._broken("changes came before the snapshot's end")
        return self._take_changes(response)

    def _take_piece(self, response: v1.WatchResponse) -> Verdict:
        piece = response.snapshot
        if not self._in_snapshot and not self._maybe_snapshot:
            return self._broken("a piece of a snapshot came among changes")
        if self._snapshot_revision not in (None, piece.revision):
            return self._broken(
                f"a snapshot at revision {self._snapshot_revision} went on at revision {piece.revision}"
            )
        if self._through_name is not None and piece.from_name != self._through_name:
            if piece.through_name and piece.through_name <= self._through_name:
                return Verdict.REPEAT
            return self._broken(
                f'a snapshot that stood at "{self._through_name}" went on at "{piece.from_name}"'
            )
        for change in response.changes:
            if change.revision > piece.revision:
                return self._broken(
                    f"{change.name} of revision {change.revision} in a snapshot at revision {piece.revision}"
                )
        last = v1.WATCH_MARK_SNAPSHOT_END in response.marks
        if last and response.through_revision != piece.revision:
            return self._broken(
                f"a snapshot at revision {piece.revision} ended at revision {response.through_revision}"
            )
        self._maybe_snapshot = False
        self._in_snapshot = not last
        if last:
            self._through = piece.revision
        self._snapshot_revision = None if last else piece.revision
        self._through_name = None if last else piece.through_name
        self.moved = True
        return Verdict.NEXT

    def _take_changes(self, response: v1.WatchResponse) -> Verdict:
        begin, through, stood = response.from_revision, response.through_revision, self._through
        if through < begin:
            return self._broken(f"a response from revision {begin} through {through}")
        if stood is not None and begin != stood:
            if begin < stood and through <= stood:
                return Verdict.REPEAT
            return self._broken(f"a watch that stood at revision {stood} went on at revision {begin}")
        previous = begin + 1
        for change in response.changes:
            if not previous <= change.revision <= through:
                return self._broken(
                    f"revision {change.revision} out of its place in a response from revision "
                    f"{begin} through {through}"
                )
            previous = change.revision
        self._maybe_snapshot = False
        self.moved = stood is None or through > stood
        self._through = through
        return Verdict.NEXT

    def _broken(self, problem: str) -> Verdict:
        self.problem = problem
        return Verdict.BROKEN
