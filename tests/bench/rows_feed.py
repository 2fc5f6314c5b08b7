"""The rows of writes and watches. README.md says how to redo each by hand."""

import json

import wire
from peers import Etcd, Nats
from processes import BenchError, Floor, Service, rss_bytes
from rows import CALLERS, CONNECTIONS, SMALL, failed, row, size_name
from stores import fill_arguments

SHORT_BYTES = 256
WATCHERS = 100
WATCH_CONNECTIONS = 10
STALLED = 10
OFFERED = 2000  # commits a second
PER_COMMIT = 16  # records that are written in one step while the fan-out is measured
REPLAYED_BY_NATS = 200_000


class Feed:
    """What the rows share: requests that write, and trials of bench_watch."""

    def __init__(self, bench):
        self.bench = bench
        self.processes = bench.processes
        self.folder = bench.folder
        self.next = 0

    def commits(self, kind, count, per_commit=1):
        """A file of `count` commits of statements that no store has."""
        first = SMALL + self.next
        self.next += count * per_commit
        path = self.folder / f"commits-{kind}-{first}.requests"
        self.processes.run("bench_fill", *fill_arguments(kind, SMALL), f"--first={first}",
                           f"--last={first + count * per_commit}", f"--per_commit={per_commit}", f"--requests={path}")
        return path

    def value(self, kind):
        """As many bytes as a change of ours has; what they say is nothing to the peers."""
        return b"v" * (1019 if kind == "fixture" else SHORT_BYTES)

    def puts(self, kind, count):
        self.next += count
        return self.bench.requests(f"puts-{kind}-{self.next}", (
            wire.etcd_put(f"statements/f{self.next + i:08d}", self.value(kind)) for i in range(count)))

    def txns(self, kind, count):
        self.next += count * PER_COMMIT
        return self.bench.requests(f"txns-{kind}-{self.next}", (
            wire.etcd_txn(wire.etcd_put(f"statements/f{self.next + i * PER_COMMIT + n:08d}", self.value(kind))
                          for n in range(PER_COMMIT)) for i in range(count)))

    def watch(self, endpoint, mode, method, request, **options):
        path = self.bench.requests("watch", [request])
        flags = [f"--{name}" if value is True else f"--no{name}" if value is False else f"--{name}={value}"
                 for name, value in options.items()]
        figures = json.loads(self.processes.run("bench_watch", f"--target={endpoint}", f"--mode={mode}",
                                                f"--method={method}", f"--request={path}", *flags))
        if figures["errors"]:
            raise BenchError("; ".join(figures["errors"]))
        return figures

    def nats(self, server, mode, **options):
        payload = self.bench.requests("nats", [self.value(options.pop("kind", "fixture"))])
        flags = [f"--{name}={value}" for name, value in options.items()]
        figures = json.loads(self.processes.run("bench_nats", f"--target={server.endpoint}", f"--mode={mode}",
                                                f"--payload={payload}", *flags))
        if figures["errors"]:
            raise BenchError("; ".join(figures["errors"]))
        return figures

    def etcd(self, name):
        return Etcd(self.processes, self.folder / f"etcd-{name}")

    def jetstream(self, name):
        return Nats(self.processes, self.folder / f"nats-{name}")

    def end(self, *servers):
        for server in servers:
            self.processes.end(server.process)


OURS = {"method": wire.WATCH, "request": wire.watch_all(), "field": wire.WATCH_CHANGES}
ETCD = {"method": wire.ETCD_WATCH, "request": wire.etcd_watch_all(), "field": wire.ETCD_EVENTS, "half_close": False}


def commit_rows(bench):
    """Durable commits of one record, and loading in bulk, beside etcd's Put."""
    feed = Feed(bench)
    service = bench.stores.serve("fixture", SMALL)
    etcd = feed.etcd("commit")
    count = int(4000 * bench.seconds)
    calls = {"callers": CALLERS, "connections": CONNECTIONS, "threads": 2, "in_turn": True}

    def load(turn):
        first = SMALL + feed.next
        feed.next += 2 * count
        figures = bench.processes.run("bench_fill", f"--endpoint={service.endpoint}", *fill_arguments("fixture", SMALL),
                                      f"--first={first}", f"--last={first + 2 * count}", "--per_commit=1")
        return json.loads(figures)["records_per_s"]

    values = bench.interleave({
        "ours": lambda turn: bench.load(service.endpoint, wire.COMMIT, feed.commits("fixture", count),
                                        **calls)["calls_per_s"],
        "etcd Put": lambda turn: bench.load(etcd.endpoint, wire.ETCD_PUT, feed.puts("fixture", count),
                                            **calls)["calls_per_s"],
        "load": load,
    })
    service.stop()
    feed.end(etcd)
    put = values["etcd Put"]
    yield row("commit", "commits/s", 1.2, "at least", {"ours": values["ours"], "etcd Put": put}, "etcd Put",
              note="one record of 1 KiB, 64 callers; both sync before they answer, groups of whoever waits")
    yield row("load", "records/s", 2.0, "at least", {"ours": values["load"], "etcd Put": put}, "etcd Put",
              note="one record of 1 KiB a line through the SDK's Loader, durable, beside etcd's Put with 64 callers")


def fanout_rows(bench):
    for kind, name, aim in (("fixture", "fanout_1k", 4.0), ("short", "fanout_256", 5.0)):
        try:
            yield from fanout(bench, kind, name, aim)
        except BenchError as error:
            yield failed(name, error)


def fanout(bench, kind, name, aim):
    feed = Feed(bench)
    many = {"watchers": WATCHERS, "connections": WATCH_CONNECTIONS, "seconds": bench.seconds, "threads": 2}
    trials = {"ours": [], "etcd": [], "JetStream": []}
    cpu = {"ours": [], "etcd": []}
    service = bench.stores.serve(kind, SMALL)
    etcd = feed.etcd(name)
    nats = feed.jetstream(name)
    count = int(2500 * (bench.seconds + 1))
    for _ in range(bench.rounds):
        for side, figures in (
                ("ours", feed.watch(service.endpoint, "fanout", **OURS, **many, server_pid=service.process.pid,
                                    publish_method=wire.COMMIT, publish_requests=feed.commits(kind, count, PER_COMMIT))),
                ("etcd", feed.watch(etcd.endpoint, "fanout", **ETCD, **many, server_pid=etcd.process.pid,
                                    publish_method=wire.ETCD_TXN, publish_requests=feed.txns(kind, count)))):
            trials[side].append(figures["deliveries_per_s"])
            cpu[side].append(figures["cpu_us_per_delivery"])
        trials["JetStream"].append(feed.nats(nats, "fanout", kind=kind, watchers=WATCHERS, window=CALLERS,
                                             connections=WATCH_CONNECTIONS, seconds=bench.seconds)["deliveries_per_s"])
    service.stop()
    feed.end(etcd, nats)
    yield row(name, "deliveries/s", aim, "at least", trials, "etcd",
              note=f"{WATCHERS} watchers on {WATCH_CONNECTIONS} connections while 64 callers write {PER_COMMIT} records a "
                   "commit (etcd: a Txn; JetStream: 64 messages under way); ours and etcd sync before they deliver, "
                   "JetStream does not")
    yield row(f"{name}_cpu", "us of server time a delivery, writes included", 1.0, "at most", {**cpu},
              note="processor time of the server over the deliveries of the same trials")


def replay_row(bench):
    feed = Feed(bench)
    count = bench.large
    service = bench.stores.serve("fixture", count)
    saved = bench.folder / "replay"
    request = {"method": wire.WATCH, "request": wire.watch_all(0, until_head=True)}
    feed.watch(service.endpoint, "replay", **request, save=saved)
    floor = Floor(bench.processes, response=saved)
    nats = feed.jetstream("replay")
    feed.nats(nats, "publish", count=REPLAYED_BY_NATS, window=256)
    ours, theirs, bytes_ours, bytes_floor = [], [], [], []
    for _ in range(bench.rounds):
        figures = feed.watch(service.endpoint, "replay", **request)
        if figures["deliveries"] < count:
            raise BenchError(f"{figures['deliveries']} of {count} changes were replayed")
        ours.append(figures["deliveries_per_s"])
        bytes_ours.append(figures["bytes_per_s"] / 1e6)
        bytes_floor.append(feed.watch(floor.endpoint, "replay", wire.WATCH, wire.watch_all(), count=count)
                           ["bytes_per_s"] / 1e6)
        theirs.append(feed.nats(nats, "replay", count=REPLAYED_BY_NATS)["deliveries_per_s"])
    service.stop()
    feed.end(floor, nats)
    size = size_name(count)
    yield row(f"replay/{size}", "changes/s", 2.5, "at least", {"ours": ours, "JetStream": theirs}, "JetStream",
              note=f"one watcher from revision 0, read from the journal; JetStream {REPLAYED_BY_NATS:,} of 1,019 bytes")
    yield row(f"replay_bytes/{size}", "MB/s", 0.4, "at least", {"ours": bytes_ours, "floor": bytes_floor}, "floor",
              note="the floor repeats the largest of our responses")


def delivery_rows(bench):
    feed = Feed(bench)
    service = bench.stores.serve("fixture", SMALL)
    etcd = feed.etcd("delivery")
    count = int(300 * bench.seconds)
    ours, theirs, all_live, one_stalled = [], [], [], []
    for _ in range(bench.rounds):
        def publish(**options):
            return feed.watch(service.endpoint, "latency", **OURS, publish_method=wire.COMMIT, count=count,
                              publish_requests=feed.commits("fixture", count), **options)
        ours.append(publish())
        theirs.append(feed.watch(etcd.endpoint, "latency", **ETCD, publish_method=wire.ETCD_PUT, count=count,
                                 publish_requests=feed.puts("fixture", count)))
        hundred = {"watchers": WATCHERS, "connections": WATCH_CONNECTIONS, "threads": 2}
        all_live.append(publish(**hundred)["p99_us"] / 1000)
        one_stalled.append(publish(**hundred, stalled=1)["p99_us"] / 1000)
    service.stop()
    feed.end(etcd)
    for percentile, aim in (("p50", 1.0), ("p99", 5.0)):
        yield row(f"delivery_{percentile}", "ms", aim, "at most",
                  {"ours": [figures[f"{percentile}_us"] / 1000 for figures in ours],
                   "etcd": [figures[f"{percentile}_us"] / 1000 for figures in theirs]},
                  note="from the answer to a durable write of 1 KiB to its delivery; one writer, one watcher, at rest")
    yield row("stalled", "ms, p99", 1.2, "at most", {"ours": one_stalled, "none stalled": all_live}, "none stalled",
              note="the same to 100 watchers on 10 connections, one of which never reads")


def commit_p99_row(bench):
    feed = Feed(bench)
    service = bench.stores.serve("fixture", SMALL)
    values = {"ours": [], "no watchers": []}
    for _ in range(bench.rounds):
        for side, options in (("no watchers", {"watchers": 0}),
                              ("ours", {"watchers": WATCHERS, "stalled": STALLED, "connections": WATCH_CONNECTIONS})):
            figures = feed.watch(service.endpoint, "fanout", **OURS, **options, seconds=2 * bench.seconds, threads=2,
                                 publish_method=wire.COMMIT, publish_rate=OFFERED,
                                 publish_requests=feed.commits("fixture", int(OFFERED * (2 * bench.seconds + 1))))
            values[side].append(figures["call_p99_us"] / 1000)
    service.stop()
    yield row("commit_p99", "ms", 1.5, "at most", values, "no watchers",
              note=f"{OFFERED:,} commits/s offered, from when each was due; {WATCHERS} watchers, {STALLED} of them stalled")


def idle_row(bench):
    feed = Feed(bench)
    count = 10_000 if bench.large > 100_000 else 2000
    service = bench.stores.serve("fixture", SMALL)
    floor = Floor(bench.processes)

    def trial(endpoint, pid):
        before = rss_bytes(pid)
        path = bench.requests("idle", [wire.watch_all()])
        process, log = bench.processes.start(
            [bench.processes.program("bench_watch"), f"--target={endpoint}", "--mode=idle", f"--method={wire.WATCH}",
             f"--request={path}", f"--watchers={count}", f"--connections={count // 100}", "--threads=2", "--seconds=2"],
            "idle")
        bench.processes.wait_for(process, log, lambda text: True if "ready" in text else None)
        each = (rss_bytes(pid) - before) / count
        process.wait(120)
        bench.processes.end(process)
        return each / 1024

    # Once each: a second trial would find the memory of the first.
    values = {"ours": [trial(service.endpoint, service.process.pid)],
              "bare stream": [trial(floor.endpoint, floor.process.pid)]}
    service.stop()
    feed.end(floor)
    more = values["ours"][0] - values["bare stream"][0]
    found = row("idle_watchers", "KiB each", 2.0, "at most", values, "bare stream",
                note=f"{count:,} on {count // 100} connections; the ratio is the difference, in KiB")
    found.update(ratio=more, met=more <= 2.0)
    yield found


ROWS = {
    "commit": commit_rows,
    "fanout": fanout_rows,
    "replay": replay_row,
    "delivery": delivery_rows,
    "commit_p99": commit_p99_row,
    "idle": idle_row,
}
