"""A communiqued of its own for a test, on free ports of loopback, and one written by hand."""

import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

import communique
from communique import v1
from communique.v1 import feed_pb2_grpc, publish_pb2_grpc

# A port may be taken for a moment, by a connection of another program.
_START_ATTEMPTS = 5


def actor(name: str, display_name: str) -> v1.Mutation:
    body = v1.Actor(type=v1.ACTOR_TYPE_PERSON, display_name=display_name)
    return v1.Mutation(put=v1.Record(name=f"actors/{name}", actor=body))


class Server:
    """The program that COMMUNIQUED names."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="communique-python-")
        self.endpoint = self.admin_endpoint = "127.0.0.1:0"
        self._process = None
        self.start()

    def start(self):
        for _ in range(_START_ATTEMPTS):
            if self._start_once():
                return
        raise AssertionError("communiqued did not get ready")

    def _start_once(self) -> bool:
        self._process = subprocess.Popen(
            [
                os.environ["COMMUNIQUED"],
                f"--data_dir={self._folder}",
                f"--listen={self.endpoint}",
                f"--admin_listen={self.admin_endpoint}",
                "--drain_pause=0s",
            ],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        log = self._process.stderr
        for line in log:
            try:
                fields = json.loads(line)
            except ValueError:
                continue
            if fields.get("event") == "ready":
                self.endpoint, self.admin_endpoint = fields["listen"], fields["admin_listen"]
                threading.Thread(target=_drain, args=(log,), daemon=True).start()
                return True
        self._process.wait()
        return False

    def stop(self, how: signal.Signals):
        self._process.send_signal(how)
        self._process.wait(timeout=30)

    def remove(self):
        if self._process.poll() is None:
            self.stop(signal.SIGKILL)
        shutil.rmtree(self._folder)


def _drain(log):
    """Reads what nobody reads, so that the server never waits for a full pipe."""
    with log:
        for _ in log:
            pass


class ServerTest(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.client = self.new_client()

    def new_client(self) -> communique.Client:
        client = communique.Client(
            self.server.endpoint, admin_endpoint=self.server.admin_endpoint, principal="tests"
        )
        self.addCleanup(client.close)
        return client


class FakeServer(feed_pb2_grpc.FeedServiceServicer, publish_pb2_grpc.PublishServiceServicer):
    """Says what it is told to. `streams` are the watches in their order: each a list of responses, the
    last of which may be a status to end with; without one, the stream ends well."""

    def __init__(self):
        self.streams = []
        self.watch_requests = []
        self.commit_answers = []
        self.commit_requests = []
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        feed_pb2_grpc.add_FeedServiceServicer_to_server(self, self._server)
        publish_pb2_grpc.add_PublishServiceServicer_to_server(self, self._server)
        self.endpoint = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def stop(self):
        self._server.stop(None).wait()

    def Watch(self, request, context):
        self.watch_requests.append(request)
        if len(self.watch_requests) > len(self.streams):
            _end(context, failure(grpc.StatusCode.FAILED_PRECONDITION, "NO_MORE_STREAMS"))
        for answer in self.streams[len(self.watch_requests) - 1]:
            if isinstance(answer, status_pb2.Status):
                _end(context, answer)
            yield answer

    def Commit(self, request, context):
        self.commit_requests.append(request)
        answer = self.commit_answers[len(self.commit_requests) - 1]
        if isinstance(answer, status_pb2.Status):
            _end(context, answer)
        return answer


def failure(code: grpc.StatusCode, reason: str = "", **metadata: str) -> status_pb2.Status:
    status = status_pb2.Status(code=code.value[0], message=f"{reason or code.name} by hand")
    if reason:
        packed = any_pb2.Any()
        packed.Pack(error_details_pb2.ErrorInfo(domain="communique", reason=reason, metadata=metadata))
        status.details.append(packed)
    return status


def busy(delay: float) -> status_pb2.Status:
    """A server that has too much to do just now and asks to wait."""
    status = failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "CALL_LIMIT")
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromMilliseconds(int(delay * 1000))
    status.details.add().Pack(info)
    return status


def _end(context, status: status_pb2.Status):
    code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
    if status.details:
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, status.message)
