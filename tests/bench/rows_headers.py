"""The row of what the SDK's headers cost whoever includes them. README.md says how to redo it by hand."""

import os
import pathlib
import subprocess

from processes import BenchError
from rows import row

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PUBLIC = ROOT / "client" / "include"


def processor_seconds(command, log):
    """User and system time of a command and of what it starts; other work on the machine is not in it."""
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"the headers do not compile: {log.read_text(errors='replace')[:300]}")
    return usage.ru_utime + usage.ru_stime


def headers_row(bench):
    generated = pathlib.Path(bench.processes.bin_dir).parent / "proto" / "gen"
    every = sorted(path.relative_to(PUBLIC) for path in (PUBLIC / "communique").glob("*.h"))
    messages = sorted(path.relative_to(generated) for path in (generated / "communique" / "v1").glob("*.pb.h")
                      if not path.name.endswith(".grpc.pb.h"))
    included = {"ours": every, "client.h": ["communique/client.h"], "messages": messages,
                "record.pb.h": ["communique/v1/record.pb.h"], "grpcpp.h": ["grpcpp/grpcpp.h"]}

    def trial(side):
        source = bench.folder / f"headers-{side}.cc"
        source.write_text("".join(f'#include "{header}"\n' for header in included[side]))
        command = ["c++", "-std=c++20", "-I", PUBLIC, "-isystem", generated, "-c", source, "-o", "/dev/null"]
        return processor_seconds(command, bench.folder / f"headers-{side}.log")

    values = bench.interleave({side: lambda turn, side=side: trial(side) for side in included})
    yield row("headers", "s", 3.0, "at most", values,
              note=f"processor time of one file that includes all {len(every)} public headers, not optimised; "
                   f"`messages` are all {len(messages)} headers of messages, without gRPC's")


ROWS = {"headers": headers_row}
