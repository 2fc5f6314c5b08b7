"""The row of what the SDK's headers cost whoever includes them. README.md says how to redo it by hand."""

import pathlib
import subprocess
import time

from processes import BenchError
from rows import row

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PUBLIC = ROOT / "client" / "include"


def headers_row(bench):
    generated = pathlib.Path(bench.processes.bin_dir).parent / "proto" / "gen"
    every = sorted(path.relative_to(PUBLIC) for path in (PUBLIC / "communique").glob("*.h"))
    included = {"ours": every, "record.pb.h": ["communique/v1/record.pb.h"], "grpcpp.h": ["grpcpp/grpcpp.h"]}

    def trial(side):
        source = bench.folder / f"headers-{side}.cc"
        source.write_text("".join(f'#include "{header}"\n' for header in included[side]))
        begin = time.monotonic()
        done = subprocess.run(["c++", "-std=c++20", "-I", PUBLIC, "-isystem", generated, "-c", source, "-o", "/dev/null"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"the headers do not compile: {done.stderr[:300]}")
        return time.monotonic() - begin

    values = bench.interleave({side: lambda turn, side=side: trial(side) for side in included})
    yield row("headers", "s", 3.0, "at most", values,
              note=f"one file that includes all {len(every)} public headers, not optimised")


ROWS = {"headers": headers_row}
