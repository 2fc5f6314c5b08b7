"""The processes that a run starts and ends: the service, the floor, and the programs that call them."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

READY_TIMEOUT_S = 120
DRAIN_TIMEOUT_S = 60


class BenchError(Exception):
    """Why a row has no figure."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def last_words(text):
    return " ".join(text.split())[-300:]


class Processes:
    """Starts processes in a folder of their own and ends, by their ids, those that still run."""

    def __init__(self, bin_dir, folder):
        self.bin_dir = pathlib.Path(bin_dir)
        self.folder = pathlib.Path(folder)
        self.running = []
        self.started = 0

    def program(self, name):
        return str(self.bin_dir / name)

    def start(self, arguments, name):
        self.started += 1
        log = self.folder / f"{name}-{self.started}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.running.append(process)
        return process, log

    def end(self, process, how=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(DRAIN_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.running:
            self.running.remove(process)

    def end_all(self):
        for process in list(self.running):
            self.end(process, signal.SIGKILL)

    def run(self, *arguments, timeout=1800):
        """Runs a program to its end and answers what it printed."""
        ended = subprocess.run([self.program(arguments[0]), *arguments[1:]], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
        if ended.returncode != 0:
            raise BenchError(f"{arguments[0]}: {last_words(ended.stderr.decode(errors='replace'))}")
        return ended.stdout.decode()

    def wait_for(self, process, log, answer):
        """Asks `answer(text of the log)` until it is not None."""
        end = time.monotonic() + READY_TIMEOUT_S
        while True:
            found = answer(log.read_text(errors="replace"))
            if found is not None:
                return found
            if process.poll() is not None or time.monotonic() > end:
                self.end(process, signal.SIGKILL)
                raise BenchError(f"{log.name}: {last_words(log.read_text(errors='replace'))}")
            time.sleep(0.002)


class Service:
    """communiqued on a folder. `startup_s` is from its start to its line "ready"."""

    def __init__(self, processes, data_dir):
        self.processes = processes
        self.data_dir = str(data_dir)
        begin = time.monotonic()
        self.process, log = processes.start(
            [processes.program("communiqued"), f"--data_dir={data_dir}", "--listen=127.0.0.1:0",
             "--admin_listen=127.0.0.1:0"], "communiqued")
        ready = processes.wait_for(self.process, log, self._ready)
        self.startup_s = time.monotonic() - begin
        self.endpoint = ready["listen"]
        self.admin_endpoint = ready["admin_listen"]

    @staticmethod
    def _ready(log):
        for line in log.splitlines():
            if '"ready"' in line and line.endswith("}"):
                return json.loads(line)
        return None

    def status(self):
        return json.loads(self.processes.run("communique", f"--endpoint={self.endpoint}",
                                             f"--admin_endpoint={self.admin_endpoint}", "status", "-o", "json"))

    def rss_bytes(self):
        return rss_bytes(self.process.pid)

    def stop(self):
        self.processes.end(self.process)

    def kill(self):
        self.processes.end(self.process, signal.SIGKILL)


def rss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise BenchError("the process has no VmRSS")


class Floor:
    """The do-nothing server: `record` is what Get answers, `response` what Watch repeats (none: a bare stream)."""

    def __init__(self, processes, record="", response=""):
        self.process, log = processes.start(
            [processes.program("bench_floor"), f"--record={record}", f"--response={response}"], "floor")
        port = processes.wait_for(self.process, log,
                                  lambda text: json.loads(text)["port"] if text.endswith("}\n") else None)
        self.endpoint = f"127.0.0.1:{port}"


def load(processes, folder, endpoint, method, requests_file, *, callers=1, connections=1, threads=1, seconds=2.0,
         in_turn=False, seed=1, save=None):
    """One trial of bench_load; answers its figures."""
    warmup = min(0.5, seconds / 4)
    arguments = [f"--target={endpoint}", f"--method={method}", f"--requests={requests_file}", f"--callers={callers}",
                 f"--connections={connections}", f"--threads={threads}", f"--seconds={seconds}",
                 f"--warmup_seconds={warmup}", f"--seed={seed}"]
    if in_turn:
        arguments.append("--in_turn")
    if save:
        arguments.append(f"--save={save}")
    figures = json.loads(processes.run("bench_load", *arguments))
    if figures["errors"]:
        raise BenchError("; ".join(f"{error} ({times} times)" for error, times in figures["errors"].items()))
    if not figures["calls"]:
        raise BenchError("no call was answered in time")
    return figures


def link_copy(source, target):
    """Copies a store. What RocksDB never changes once it is written is linked; the copy may be written to."""
    for folder, _, files in os.walk(source):
        to = pathlib.Path(target) / os.path.relpath(folder, source)
        to.mkdir(parents=True, exist_ok=True)
        for name in files:
            copy = os.link if name.endswith(".sst") else shutil.copyfile
            copy(os.path.join(folder, name), to / name)
