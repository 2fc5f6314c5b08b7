"""The rows of the SDK. README.md says how to redo each by hand."""

import json

import wire
from processes import BenchError
from rows import SMALL, row, size_name
from rows_feed import Feed

SDK_CALLERS = 16  # threads: a call of the SDK blocks


def sdk(bench, endpoint, mode, **options):
    flags = [f"--{name}={value}" for name, value in options.items()]
    return json.loads(bench.processes.run("bench_sdk", f"--target={endpoint}", f"--mode={mode}", *flags))


def sdk_get_row(bench):
    service = bench.service("fixture", SMALL)

    def trial(api):
        return lambda turn: sdk(bench, service.endpoint, "get", api=api, callers=SDK_CALLERS, records=SMALL,
                                seconds=bench.seconds)["calls_per_s"]

    values = bench.interleave({"ours": trial("sdk"), "raw stub": trial("stub")})
    yield row("sdk_get", "calls/s", 0.9, "at least", values, "raw stub",
              note=f"{SDK_CALLERS} threads, blocking; the stub with a channel of its own, a deadline, and nothing else")


def sdk_watch_row(bench):
    """Watch::Next, which checks and proves what it hands out, beside the client that only counts."""
    feed = Feed(bench)
    count = bench.large
    service = bench.stores.serve("fixture", count)
    request = {"method": wire.WATCH, "request": wire.watch_all(0, until_head=True)}
    feed.watch(service.endpoint, "replay", **request)
    ours, blind = [], []
    for _ in range(bench.rounds):
        figures = sdk(bench, service.endpoint, "watch")
        if figures["changes"] < count:
            raise BenchError(f"{figures['changes']} of {count} changes were handed out")
        ours.append(figures["changes_per_s"])
        blind.append(feed.watch(service.endpoint, "replay", **request)["deliveries_per_s"])
    service.stop()
    yield row(f"sdk_watch/{size_name(count)}", "changes/s", 0.6, "at least",
              {"ours": ours, "schema-blind": blind}, "schema-blind",
              note="Watch::Next from revision 0 to the head, changes checked, chained and counted, not parsed; the other counts fields")


def sdk_mirror_row(bench):
    count = bench.large
    service = bench.stores.serve("fixture", count)
    trials = [sdk(bench, service.endpoint, "mirror") for _ in range(bench.rounds)]
    service.stop()
    size = size_name(count)
    for name, unit, figure in ((f"sdk_mirror_sync/{size}", "s", "sync_s"),
                               (f"sdk_mirror_memory/{size}", "bytes a record", "bytes_per_record")):
        found = row(name, unit, 0, "at most", {"ours": [trial[figure] for trial in trials]},
                    note="of statements of 1 KiB; no aim is set: shown")
        found.update(aim=None, met=True)
        yield found


ROWS = {"sdk_get": sdk_get_row, "sdk_watch": sdk_watch_row, "sdk_mirror": sdk_mirror_row}
