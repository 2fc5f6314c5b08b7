"""What a watch does with a server that misbehaves."""

import threading
import time
import unittest

import grpc

import communique
from communique import v1
from tests.server import FakeServer, busy, failure

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

    def watch(self, *streams, **request) -> communique.Watch:
        self.server.streams = list(streams)
        return self.client.watch(v1.WatchRequest(start_revision=0, **request))

    def tokens(self):
        return [request.resume_token for request in self.server.watch_requests]

    def test_resumes_with_the_last_token(self):
        watch = self.watch([response(0, 2), AWAY], [AWAY], [response(2, 3)], until_revision=3)
        self.assertEqual([r.through_revision for r in watch], [2, 3])
        self.assertEqual(self.tokens(), ["", "token 2", "token 2"])
        self.assertEqual(watch.resume_token, "token 3")
        self.assertEqual((watch.through_revision, watch.reconnect_count), (3, 2))
        self.assertIs(watch.last_fault.code, grpc.StatusCode.UNAVAILABLE)
        self.assertRaises(StopIteration, next, watch)

    def test_drops_repeats_and_heals_gaps(self):
        first = [response(0, 2), response(0, 2), response(3, 4)]
        watch = self.watch(first, [response(2, 4)], until_revision=4)
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
        request = v1.WatchRequest(start_revision=0, until_revision=2)
        request.checkpoint_interval.FromMilliseconds(100)
        watch = self.client.watch(request)
        self.assertEqual([r.through_revision for r in watch], [1, 2])
        self.assertIn("silent", watch.last_fault.message)

    def test_a_stream_that_ends_early_is_lost(self):
        for until in ({}, {"until_revision": 3}):
            self.server.watch_requests.clear()
            watch = self.watch([response(0, 1)], [], [response(1, 2)], **until)
            self.assertEqual([next(watch).through_revision, next(watch).through_revision], [1, 2])
            with self.assertRaises(communique.Error) as raised:
                next(watch)
            self.assertEqual(raised.exception.reason, "NO_MORE_STREAMS")
            self.assertEqual(self.tokens(), ["", "token 1", "token 1", "token 2"])

    def test_until_head_is_the_first_head(self):
        first = response(0, 2)
        first.until_revision = 3
        watch = self.watch([first, AWAY], [response(2, 3)], until_head=True)
        self.assertEqual([r.through_revision for r in watch], [2, 3])
        asked = [(r.until_head, r.until_revision) for r in self.server.watch_requests]
        self.assertEqual(asked, [(True, 0), (False, 3)])

    def test_a_busy_server_is_come_back_to(self):
        self.server.commit_answers = [busy(0.1), v1.CommitResponse(revision=7)]
        begin = time.monotonic()
        self.assertEqual(self.client.commit().revision, 7)
        self.assertGreaterEqual(time.monotonic() - begin, 0.1)
        begin = time.monotonic()
        watch = self.watch([busy(0.1)], [response(0, 1)], until_revision=1)
        self.assertEqual([r.through_revision for r in watch], [1])
        self.assertGreaterEqual(time.monotonic() - begin, 0.1)

    def test_a_limit_is_not_outwaited(self):
        # Of another kind, and beyond the deadline.
        for limit in failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "SIZE_LIMIT"), busy(60):
            self.server.commit_requests.clear()
            self.server.commit_answers = [limit, v1.CommitResponse(revision=7)]
            with self.assertRaises(communique.Error) as raised:
                self.client.commit(timeout=10)
            self.assertIs(raised.exception.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
            self.assertEqual(len(self.server.commit_requests), 1)

    def test_the_clients_end_ends_a_back_off(self):
        self.server.commit_answers = [busy(20)]
        watch = self.watch([busy(60)])
        raised = []

        def commit():
            try:
                self.client.commit()
            except Exception as error:
                raised.append(error)

        writer = threading.Thread(target=commit)
        writer.start()
        threading.Timer(0.3, self.client.close).start()
        begin = time.monotonic()
        self.assertRaises(communique.ClosedError, next, watch)
        writer.join()
        self.assertEqual([type(error) for error in raised], [communique.ClosedError])
        self.assertLess(time.monotonic() - begin, 10)

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
