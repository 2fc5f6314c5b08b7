"""The rows: what is measured, against what, and what is aimed at. README.md says how to redo each by hand."""

import operator
import random
import statistics

import wire
from peers import Etcd
from processes import BenchError, Floor, Service, load
from stores import fill_arguments

SMALL = 10_000  # records of the store that the large one is compared with
MATCHES = 500  # of a List, at every size
PAGE = 50
CALLERS = 64
CONNECTIONS = 4
EXTRA_BEFORE_KILL = 30_000
REQUESTS = 4096


class Bench:
    """What rows share: sizes, servers that are started once, and trials in rounds."""

    def __init__(self, processes, stores, quick, rounds, say):
        self.processes = processes
        self.stores = stores
        self.folder = processes.folder
        self.rounds = rounds
        self.seconds = 1.0 if quick else 3.0
        self.large = 100_000 if quick else 1_000_000
        self.say = say
        self.services = {}

    def service(self, kind, count):
        if (kind, count) not in self.services:
            self.services[kind, count] = self.stores.serve(kind, count)
        return self.services[kind, count]

    def release(self, kind, count):
        if service := self.services.pop((kind, count), None):
            service.stop()

    def requests(self, name, requests):
        path = self.folder / f"{name}.requests"
        wire.write_requests(path, requests)
        return path

    def load(self, endpoint, method, requests, **options):
        options.setdefault("seconds", self.seconds)
        return load(self.processes, self.folder, endpoint, method, requests, **options)

    def interleave(self, trials):
        """Runs every trial once a round, so that what else the machine does falls on all of them."""
        results = {name: [] for name in trials}
        for turn in range(self.rounds):
            for name, trial in trials.items():
                results[name].append(trial(turn + 1))
        return results


def size_name(count):
    return f"{count // 1_000_000}M" if count >= 1_000_000 else f"{count // 1000}k"


def row(name, unit, aim, aim_is, values, peer=None, **more):
    """`values` has the trials of each name; "ours" is one of them. Without a peer the aim is one for ours.

    The ratio is the median of the rounds' ratios: the trials of one round ran under the same load."""
    medians = {side: statistics.median(found) for side, found in values.items()}
    ratio = statistics.median(map(operator.truediv, values["ours"], values[peer])) if peer else None
    judged = ratio if peer else medians["ours"]
    return {
        "row": name,
        "ours": medians["ours"],
        "peers": {side: value for side, value in medians.items() if side != "ours"},
        "ratio": ratio,
        "against": peer,
        "aim": aim,
        "met": judged >= aim if aim_is == "at least" else judged <= aim,
        "aim_is": aim_is,
        "unit": unit,
        "spread": {side: [min(found), max(found)] for side, found in values.items()},
        "rounds": max(len(found) for found in values.values()),
        **more,
    }


def failed(name, error):
    return {"row": name, "ours": None, "peers": {}, "ratio": None, "aim": None, "met": False, "error": str(error)}


# Get


def get_rows(bench):
    service = bench.service("fixture", SMALL)
    names = [f"statements/f{number:07d}" for number in range(SMALL)]
    gets = bench.requests("get", map(wire.get_statement, names))
    saved = bench.folder / "record"
    bench.load(service.endpoint, wire.GET_STATEMENT, gets, seconds=0.2, save=saved)
    answer = saved.read_bytes()
    stored = wire.without(answer, wire.RECORD_PIN)

    floor = Floor(bench.processes, saved)
    etcd = Etcd(bench.processes, bench.folder / "etcd")
    puts = bench.requests("etcd-put", (wire.etcd_put(name, stored) for name in names))
    bench.load(etcd.endpoint, wire.ETCD_PUT, puts, callers=CALLERS, connections=CONNECTIONS, threads=2, in_turn=True)
    ranges = bench.requests("etcd-range", (wire.etcd_range(name, False) for name in names))
    serializable = bench.requests("etcd-serializable", (wire.etcd_range(name, True) for name in names))

    def trial(endpoint, method, requests):
        return lambda turn: bench.load(endpoint, method, requests, callers=CALLERS, connections=CONNECTIONS, threads=2,
                                       seed=turn)["calls_per_s"]

    values = bench.interleave({
        "ours": trial(service.endpoint, wire.GET_STATEMENT, gets),
        "floor": trial(floor.endpoint, wire.GET_STATEMENT, gets),
        "etcd Range": trial(etcd.endpoint, wire.ETCD_RANGE, ranges),
        "etcd Range, serializable": trial(etcd.endpoint, wire.ETCD_RANGE, serializable),
    })
    bench.processes.end(floor.process)
    bench.processes.end(etcd.process)
    note = (f"{len(stored)} bytes a record and {len(answer) - len(stored)} of pin; "
            f"{CALLERS} callers, {CONNECTIONS} connections")

    def of(*sides):
        return {side: values[side] for side in sides}

    yield row("get/floor", "calls/s", 0.7, "at least", of("ours", "floor"), "floor", note=note)
    yield row("get/etcd", "calls/s", 2.0, "at least", of("ours", "etcd Range", "etcd Range, serializable"), "etcd Range",
              note="etcd's Range reads through its quorum of one unless it is serializable")


# List


def filter_requests(bench, count, revision=0):
    """Speeches of one speaker: MATCHES of them, and as many other statements of the same speaker."""
    speakers = max(1, count // (2 * MATCHES))
    return [wire.list_statements(PAGE, f'speaker.actor.target = "actors/s{speaker}" AND type = STATEMENT_TYPE_SPEECH',
                                 "time", revision)
            for speaker in range(speakers)]


def mentions_requests(bench, count, revision=0):
    """What was said about one actor in five of the ten years: half of its thousand statements."""
    targets = max(1, count // 1000)
    choose = random.Random(7)
    requests = []
    for _ in range(min(REQUESTS, 6 * targets)):
        year = choose.randrange(2014, 2020)
        years = f'definitely(time, "{year}-01-01", "{year + 4}-12-31")'
        target = f'mentions("actors/t{choose.randrange(targets)}")'
        requests.append(wire.list_statements(PAGE, f"{years} AND {target}", "time", revision))
    return requests


def check_matches(bench, service, requests, least, most):
    """That each of a few requests matches as many as it was made for, and answers a full page."""
    saved = bench.folder / "page"
    for number, request in enumerate(requests[:3]):
        one = bench.requests("check", [request])
        bench.load(service.endpoint, wire.LIST_STATEMENTS, one, seconds=0.1, save=saved)
        got = wire.count(saved.read_bytes(), wire.PAGE_ITEMS)
        whole = bench.requests("check", [wire.number(1, 1000) + request[2:]])  # page_size is the first field, two bytes
        bench.load(service.endpoint, wire.LIST_STATEMENTS, whole, seconds=0.1, save=saved)
        matches = wire.count(saved.read_bytes(), wire.PAGE_ITEMS)
        if got != PAGE or not least <= matches <= most:
            raise BenchError(f"request {number} answers a page of {got} and matches {matches}, not {least} to {most}")


def list_row(bench, name, make, least, most, halfway=False):
    trials = {}
    for side, count in (("ours", bench.large), (f"ours at {size_name(SMALL)}", SMALL)):
        service = bench.service("fixture", count)
        revision = int(service.status()["head_revision"]) // 2 if halfway else 0
        requests = make(bench, count, revision)
        check_matches(bench, service, requests, least, most)
        path = bench.requests(f"{name}-{count}", requests)
        trials[side] = (lambda endpoint, path: lambda turn: bench.load(
            endpoint, wire.LIST_STATEMENTS, path, seed=turn)["p50_us"] / 1000)(service.endpoint, path)
    values = bench.interleave(trials)
    yield row(f"{name}/{size_name(bench.large)}", "ms, p50", 1.5, "at most", values, f"ours at {size_name(SMALL)}",
              note=f"{PAGE} of {least} to {most} matches, ordered by time, one caller")


def list_filter_row(bench):
    yield from list_row(bench, "list_filter", filter_requests, MATCHES, MATCHES)


def list_time_mentions_row(bench):
    yield from list_row(bench, "list_time_mentions", mentions_requests, 380, 620)


def list_halfway_row(bench):
    # Half of the statements were there; those of one speaker are spread evenly over the revisions.
    yield from list_row(bench, "list_halfway", filter_requests, MATCHES // 2 - 5, MATCHES // 2 + 5, halfway=True)


# Search


def search_row(bench):
    name = f"search/{size_name(bench.large)}"
    lines = bench.processes.run("bench_fill", *fill_arguments("short", bench.large),
                                f"--queries={REQUESTS}").splitlines()
    queries = {}
    for line in lines:
        kind, text = line.split("\t")
        queries.setdefault(kind, []).append(text)
    service = bench.service("short", bench.large)
    saved = bench.folder / "found"
    by_kind = {}
    for kind, texts in queries.items():
        path = bench.requests(f"search {kind}", map(wire.search, texts))
        figures = bench.load(service.endpoint, wire.SEARCH, path, seconds=bench.seconds / 2, save=saved)
        if not wire.count(saved.read_bytes(), wire.PAGE_ITEMS):
            raise BenchError(f"a search for a {kind} finds nothing")
        by_kind[kind] = {key: round(figures[key] / 1000, 3) for key in ("p50_us", "p99_us")}
    mixed = bench.requests("search", (wire.search(line.split("\t")[1]) for line in lines))
    trials = bench.interleave({"all": lambda turn: bench.load(service.endpoint, wire.SEARCH, mixed, seed=turn)})["all"]
    bench.release("short", bench.large)
    yield row(name, "ms, p99", 10.0, "at most", {"ours": [trial["p99_us"] / 1000 for trial in trials]},
              p50_ms=statistics.median(trial["p50_us"] for trial in trials) / 1000,
              by_kind={kind: {"p50_ms": found["p50_us"], "p99_ms": found["p99_us"]} for kind, found in by_kind.items()},
              note="one caller, a mix of six kinds in equal parts")


# Memory and start-up


def memory_row(bench):
    name = f"memory/{size_name(bench.large)}"
    empty = Service(bench.processes, bench.folder / "empty")
    empty_bytes = empty.rss_bytes()
    empty.stop()
    service = bench.stores.serve("fixture", bench.large)
    resident = (service.rss_bytes() - empty_bytes) / bench.large
    status = service.status()
    service.stop()
    if "index_bytes" not in status:
        raise BenchError(f"GetStatus has no index_bytes; a started server has {resident:.0f} bytes a record resident")
    index = int(status["index_bytes"]) / int(status["record_count"])
    yield row(name, "bytes a record", 400, "at most", {"ours": [index], "resident, all of it": [resident]},
              note="index and maps as GetStatus tells; beside it what a started server occupies more than an empty one")


def startup_rows(bench):
    clean = []
    killed = []
    for _ in range(bench.rounds):
        service = bench.stores.serve("fixture", bench.large)
        clean.append(service.startup_s)
        bench.stores.add(service, "fixture", bench.large, EXTRA_BEFORE_KILL)
        service.kill()
        service = Service(bench.processes, service.data_dir)
        killed.append(service.startup_s)
        service.stop()
    size = size_name(bench.large)
    yield row(f"startup_clean/{size}", "s", 5.0, "at most", {"ours": clean}, note="the files are in the page cache")
    yield row(f"startup_kill/{size}", "s", 5.0, "at most", {"ours": killed},
              note=f"kill -9 after {EXTRA_BEFORE_KILL:,} more records were written and acknowledged")


# By the name that --only takes; some make several rows. rows_feed.py adds those of writes and watches, rows_headers.py that
# of the SDK's headers.
ROWS = {
    "get": get_rows,
    "list_filter": list_filter_row,
    "list_time_mentions": list_time_mentions_row,
    "list_halfway": list_halfway_row,
    "memory": memory_row,
    "startup": startup_rows,
    "search": search_row,
}
