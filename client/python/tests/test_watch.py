"""What a watch does with a server that misbehaves."""

import threading
import unittest

import grpc

import communique
from communique import v1
from tests.server import FakeServer, failure

AWAY = failure(grpc.StatusCode.UNAVAILABLE)


def response(begin: int, through: int) -> v1.WatchResponse:
    changes = [v1.Change(name=f"actors/{i}", revision=i) for i in range(begin + 1, through + 1)]
    return v1.WatchResponse(
        from_revision=begin, through_revision=through, changes=changes, resume_token=f"token {through}"
    )


class WatchTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.addCleanup(self.server.stop)
        retry = communique.Retry(initial_backoff=0.001, max_backoff=0.002)
        self.client = communique.Client(self.server.endpoint, retry=retry)
        self.addCleanup(self.client.close)

    def watch(self, *streams) -> communique.Watch:
        self.server.streams = list(streams)
        return self.client.watch(v1.WatchRequest(start_revision=0))

    def tokens(self):
        return [request.resume_token for request in self.server.watch_requests]

    def test_resumes_with_the_last_token(self):
        watch = self.watch([response(0, 2), AWAY], [AWAY], [response(2, 3)])
        self.assertEqual([r.through_revision for r in watch], [2, 3])
        self.assertEqual(self.tokens(), ["", "token 2", "token 2"])
        self.assertEqual(watch.resume_token, "token 3")
        self.assertEqual((watch.through_revision, watch.reconnect_count), (3, 2))
        self.assertIs(watch.last_fault.code, grpc.StatusCode.UNAVAILABLE)
        self.assertRaises(StopIteration, next, watch)

    def test_drops_repeats_and_heals_gaps(self):
        watch = self.watch([response(0, 2), response(0, 2), response(3, 4)], [response(2, 4)])
        self.assertEqual([r.through_revision for r in watch], [2, 4])
        self.assertEqual(self.tokens(), ["", "token 2"])
        self.assertEqual((watch.repeat_count, watch.broken_chain_count), (1, 1))

    def test_a_chain_that_keeps_breaking_ends_it(self):
        watch = self.watch([response(0, 2), response(3, 4)], *[[response(3, 4)]] * 5)
        self.assertEqual(next(watch).through_revision, 2)
        self.assertRaises(communique.BrokenChainError, next, watch)
        self.assertEqual(watch.broken_chain_count, 5)
        self.assertEqual(watch.resume_token, "token 2")

    def test_a_permanent_error_ends_it_at_once(self):
        watch = self.watch([failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FILTER")], [response(0, 1)])
        for _ in range(2):
            with self.assertRaises(communique.Error) as raised:
                next(watch)
            self.assertEqual(raised.exception.reason, "INVALID_FILTER")
        self.assertEqual(len(self.server.watch_requests), 1)

    def test_an_internal_error_of_the_service_is_permanent(self):
        watch = self.watch([failure(grpc.StatusCode.UNKNOWN, "STORAGE_FAILED")], [response(0, 1)])
        self.assertRaises(communique.Error, next, watch)
        self.assertEqual(len(self.server.watch_requests), 1)

    def test_without_retries_the_loss_is_raised(self):
        self.server.streams = [[AWAY], [response(0, 1)]]
        with communique.Client(self.server.endpoint, retry=communique.Retry(enabled=False)) as client:
            self.assertRaises(communique.Error, next, client.watch())

    def test_open_timeout_ends_what_was_never_answered(self):
        self.server.stop()
        watch = self.client.watch(open_timeout=0.2)
        with self.assertRaises(communique.Error) as raised:
            next(watch)
        self.assertIs(raised.exception.code, grpc.StatusCode.UNAVAILABLE)

    def test_a_silent_stream_is_lost(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def silent():
            yield response(0, 1)
            release.wait(60)

        self.server.streams = [silent(), [response(1, 2)]]
        request = v1.WatchRequest(start_revision=0)
        request.checkpoint_interval.FromMilliseconds(100)
        watch = self.client.watch(request)
        self.assertEqual([r.through_revision for r in watch], [1, 2])
        self.assertIn("silent", watch.last_fault.message)

    def test_a_commit_keeps_its_request_id(self):
        self.server.commit_answers = [AWAY, AWAY, v1.CommitResponse(revision=7)]
        self.assertEqual(self.client.commit().revision, 7)
        ids = [request.request_id for request in self.server.commit_requests]
        self.assertEqual(len(ids), 3)
        self.assertEqual(len(set(ids)), 1)
        self.assertRegex(ids[0], "^[A-Za-z0-9._:-]{1,64}$")

    def test_a_commit_that_was_refused_is_not_repeated(self):
        self.server.commit_answers = [failure(grpc.StatusCode.ABORTED, "ETAG_MISMATCH", etag="x")]
        with self.assertRaises(communique.Error) as raised:
            self.client.commit(request_id="mine")
        self.assertEqual((raised.exception.reason, raised.exception.metadata), ("ETAG_MISMATCH", {"etag": "x"}))
        self.assertEqual([r.request_id for r in self.server.commit_requests], ["mine"])


if __name__ == "__main__":
    unittest.main()
