"""The peers that a run starts: etcd and nats-server, as installed or the newest releases."""

import os
import pathlib
import shutil
import subprocess

from processes import BenchError, free_port, last_words

# Where --peers=current gets a program from: its module, and its package in it.
MODULES = {
    "etcd": ("go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3"),
    "nats-server": ("github.com/nats-io/nats-server/v2", "github.com/nats-io/nats-server/v2"),
}
BUILD_TIMEOUT_S = 1800

NATS_CONFIG = """\
host: 127.0.0.1
port: {port}
jetstream {{
  store_dir: "{store}"
{sync}}}
"""

_built = {}  # program: path, once use_current has built it


def _command(program):
    # Debian keeps nats-server in /usr/sbin, which users do not have on their PATH.
    found = _built.get(program) or shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise BenchError(f"{program} is not installed: deploy/install_deps --bench")
    return str(found)


def etcd_command():
    return _command("etcd")


def nats_command():
    return _command("nats-server")


def version(command):
    """What the program says it is, in one line: "nats-server: v2.9.10"."""
    said = subprocess.run([command, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=30).stdout.decode(errors="replace")
    return said.strip().splitlines()[0] if said.strip() else "unknown"


def is_current():
    """Whether the commands are what use_current built."""
    return bool(_built)


def use_current(cache_folder, say):
    """Builds the newest releases from the Go module proxy, if they are not in `cache_folder` yet, and has the
    commands answer those. Takes a few minutes the first time."""
    folder = pathlib.Path(cache_folder) / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    for program, (module, package) in MODULES.items():
        newest = _go(folder, "list", "-m", "-f", "{{.Version}}", f"{module}@latest").strip()
        binary = folder / f"{program}-{newest}"
        if not binary.exists():
            say(f"building {program} {newest}")
            _build(folder / f"{program}.module", package, newest, binary)
        _built[program] = binary


def _build(module, package, newest, binary):
    # In a module of its own: "go install" refuses packages whose go.mod replaces others, as etcd's does.
    shutil.rmtree(module, ignore_errors=True)
    module.mkdir()
    _go(module, "mod", "init", "bench/peer")
    _go(module, "get", f"{package}@{newest}")
    made = module / "program"
    _go(module, "build", "-o", str(made), package)
    os.replace(made, binary)


def _go(folder, *arguments):
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin")
    if go is None:
        raise BenchError("--peers=current needs go 1.21 or later")
    # GOTOOLCHAIN: a release may ask for a later go than this one, which then fetches it.
    environment = {**os.environ, "GOFLAGS": "-mod=mod -buildvcs=false", "GOTOOLCHAIN": "auto", "GOWORK": "off",
                   "CGO_ENABLED": "0"}
    ended = subprocess.run([go, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=BUILD_TIMEOUT_S)
    if ended.returncode != 0:
        raise BenchError(f"go {arguments[0]}: {last_words(ended.stderr.decode(errors='replace'))}")
    return ended.stdout.decode()


class Etcd:
    """One member with its defaults: every Put is synced before it is answered."""

    def __init__(self, processes, data_dir):
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.process, log = processes.start(
            [etcd_command(), f"--data-dir={data_dir}", f"--listen-client-urls={client}",
             f"--advertise-client-urls={client}", f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
             f"--initial-cluster=default={peer}", "--logger=zap"], "etcd")
        processes.wait_for(self.process, log, lambda text: True if "serving client traffic" in text or
                           "serving insecure client requests" in text else None)
        self.endpoint = client.removeprefix("http://")


class Nats:
    """One nats-server with JetStream. It acknowledges what is written but not yet synced, and syncs every two minutes;
    with `sync_always`, which came with 2.10, it syncs each message before it acknowledges it."""

    def __init__(self, processes, data_dir, sync_always=False):
        data_dir = pathlib.Path(data_dir)
        data_dir.mkdir(parents=True, exist_ok=True)
        port = free_port()
        config = data_dir / "nats.conf"
        config.write_text(NATS_CONFIG.format(port=port, store=data_dir / "jetstream",
                                             sync="  sync_interval: always\n" if sync_always else ""))
        self.process, log = processes.start([nats_command(), "-c", str(config)], "nats-server")
        processes.wait_for(self.process, log, lambda text: True if "Server is ready" in text else None)
        self.endpoint = f"127.0.0.1:{port}"
