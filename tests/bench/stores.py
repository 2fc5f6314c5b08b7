"""Filled stores, kept between runs: filling a million records takes minutes."""

import hashlib
import os
import pathlib
import shutil

from processes import BenchError, Service, link_copy

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FIXTURE = HERE / "fixture.json"

# What a store's bytes follow from: another content of these, another store.
MADE_BY = [FIXTURE, HERE / "bench_fill.cc", HERE / "synthetic.cc", HERE / "synthetic.h",
           ROOT / "service" / "journal" / "FORMAT.md", *sorted((ROOT / "proto" / "communique").rglob("*.proto"))]


def fill_arguments(kind, count):
    return [f"--kind={kind}", f"--fixture={FIXTURE}", f"--count={count}"]


class Stores:
    def __init__(self, cache, processes, say):
        self.cache = pathlib.Path(cache)
        self.processes = processes
        self.say = say
        self.copies = 0
        digest = hashlib.sha256()
        for path in MADE_BY:
            digest.update(path.read_bytes() if path.exists() else b"")
        self.key = digest.hexdigest()[:12]

    def serve(self, kind, count):
        """Starts the service on a copy of the filled store, which is made if it is not there."""
        kept = self.cache / f"{kind}-{count}-{self.key}"
        if not kept.exists():
            self._fill(kind, count, kept)
        try:
            return Service(self.processes, self._copy(kept))
        except BenchError as error:
            # Made by a build whose format this one does not know, maybe: once more.
            self.say(f"the kept store does not start ({error}); filling it again")
            shutil.rmtree(kept)
            self._fill(kind, count, kept)
            return Service(self.processes, self._copy(kept))

    def add(self, service, kind, count, extra):
        """Writes `extra` more statements, of numbers above the store's."""
        self.processes.run("bench_fill", f"--endpoint={service.endpoint}", *fill_arguments(kind, count),
                           f"--first={count}", f"--last={count + extra}")

    def _fill(self, kind, count, kept):
        for old in self.cache.glob(f"{kind}-{count}-*"):
            shutil.rmtree(old)
        made = self.processes.folder / f"fill-{kind}-{count}"
        shutil.rmtree(made, ignore_errors=True)
        self.say(f"filling a store: {count:,} records, {kind}")
        service = Service(self.processes, made)
        try:
            self.say("  " + self.processes.run("bench_fill", f"--endpoint={service.endpoint}",
                                               *fill_arguments(kind, count)).strip())
        finally:
            service.stop()
        os.replace(made, kept)

    def _copy(self, kept):
        self.copies += 1
        copy = self.processes.folder / f"store-{self.copies}"
        link_copy(kept, copy)
        return copy
