"""Against a real communiqued."""

import signal
import threading
import time
import unittest

import grpc

import communique
from communique import v1
from tests.server import ServerTest, actor


def names_of(response: v1.WatchResponse):
    return [change.name for change in response.changes]


class ReadAndWriteTest(ServerTest):
    def test_commits_lists_and_gets(self):
        for i in range(7):
            committed = self.client.commit(actor(f"a{i}", f"Person {i}"), reason="a test")
            self.assertEqual(committed.revision, i + 1)
        listed = list(self.client.list("actors", page_size=2))
        self.assertEqual([record.name for record in listed], [f"actors/a{i}" for i in range(7)])
        found = list(self.client.list("actors", filter='display_name = "Person 3"', read_mask=["create_time"]))
        self.assertEqual([(r.name, r.actor.display_name) for r in found], [("actors/a3", "")])
        record = self.client.get("actors/a6", scope=v1.ReadScope(known_revision=7))
        self.assertEqual((record.revision, record.actor.display_name), (7, "Person 6"))
        self.assertEqual(list(self.client.list("summits")), [])
        results = self.client.call(self.client.catalog.Search, v1.SearchRequest(query="person")).results
        self.assertEqual(len(results), 7)

    def test_errors_are_typed(self):
        with self.assertRaises(communique.Error) as raised:
            self.client.get("actors/nobody")
        self.assertIs(raised.exception.code, grpc.StatusCode.NOT_FOUND)
        self.assertEqual(raised.exception.reason, "RECORD_NOT_FOUND")
        with self.assertRaises(communique.Error) as raised:
            self.client.commit(actor("UPPER", ""), request_id="?")
        self.assertIs(raised.exception.code, grpc.StatusCode.INVALID_ARGUMENT)
        self.assertGreaterEqual(len(raised.exception.violations), 2, raised.exception.violations)
        self.client.commit(actor("a", "A"))
        self.client.commit(v1.Mutation(delete=v1.DeleteMutation(name="actors/a")))
        with self.assertRaises(communique.Error) as raised:
            self.client.get("actors/a")
        self.assertEqual(raised.exception.detail(v1.Tombstone).revision, 2)
        self.assertRaises(communique.Error, self.client.get, "persons/a")

    def test_a_commit_waits_for_a_restart(self):
        self.client.commit(actor("a", "A"))
        self.server.stop(signal.SIGKILL)
        committed = []
        writer = threading.Thread(
            target=lambda: committed.append(self.client.commit(actor("b", "B"), request_id="b"))
        )
        writer.start()
        self.server.start()
        writer.join()
        self.assertEqual(committed[0].revision, 2)
        self.assertTrue(self.client.commit(actor("b", "B"), request_id="b").replayed)

    def test_a_deadline_holds_while_nobody_answers(self):
        self.server.stop(signal.SIGKILL)
        with self.assertRaises(communique.Error) as raised:
            self.client.get("actors/a", timeout=0.5)
        self.assertIn(raised.exception.code, (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED))


class FollowTest(ServerTest):
    def test_sees_every_change_once_over_restarts(self):
        request = v1.WatchRequest(start_revision=0)
        request.checkpoint_interval.FromSeconds(1)
        watch = self.client.watch(request)
        self.addCleanup(watch.cancel)
        seen, tokens = [], {}

        def read_through(revision: int):
            while watch.through_revision < revision:
                response = next(watch)
                seen.extend(names_of(response))
                tokens[response.through_revision] = response.resume_token
                self.assertEqual(watch.resume_token, response.resume_token)

        for restart, how in enumerate((None, signal.SIGKILL, signal.SIGTERM)):
            if how:
                self.server.stop(how)
                self.server.start()
            for i in range(3 * restart, 3 * restart + 3):
                self.client.commit(actor(f"a{i}", f"Person {i}"))
                read_through(i + 1)
        self.assertEqual(seen, [f"actors/a{i}" for i in range(9)])
        self.assertGreaterEqual(watch.reconnect_count, 2)
        self.assertEqual((watch.broken_chain_count, watch.repeat_count), (0, 0))

        checkpoint = next(r for r in watch if v1.WATCH_MARK_CHECKPOINT in r.marks and r.head_revision)
        self.assertEqual((checkpoint.head_revision, watch.head_revision), (9, 9))

        # Another process, with a token that was stored before both restarts.
        resumed = self.new_client().watch(v1.WatchRequest(resume_token=tokens[2], until_head=True))
        self.assertEqual([n for r in resumed for n in names_of(r)], [f"actors/a{i}" for i in range(2, 9)])

    def test_a_snapshot_and_what_follows(self):
        for i in range(3):
            self.client.commit(actor(f"a{i}", f"Person {i}"))
        watch = self.client.watch(v1.WatchRequest(snapshot=True))
        self.addCleanup(watch.cancel)
        seen = []
        for response in watch:
            seen += names_of(response)
            if v1.WATCH_MARK_SNAPSHOT_END in response.marks:
                break
        self.assertEqual((seen, watch.through_revision), ([f"actors/a{i}" for i in range(3)], 3))
        self.client.commit(actor("a3", "Person 3"))
        self.assertEqual(next(names_of(r) for r in watch if r.changes), ["actors/a3"])

    def test_an_expired_token_says_what_is_held(self):
        tokens = []
        for i in range(5):
            self.client.commit(actor("a", f"Person {i}"))
        for response in self.client.watch(v1.WatchRequest(start_revision=0, until_revision=2)):
            tokens.append(response.resume_token)
        self.client.call(self.client.admin.TrimJournal, v1.TrimJournalRequest(revision=4))
        watch = self.client.watch(v1.WatchRequest(resume_token=tokens[-1]))
        with self.assertRaises(communique.ExpiredError) as raised:
            next(watch)
        error = raised.exception
        self.assertEqual((error.reason, error.oldest_revision), ("RESUME_TOKEN_EXPIRED", 4))
        self.assertIs(error.code, grpc.StatusCode.OUT_OF_RANGE)
        self.assertEqual(watch.reconnect_count, 0)

    def test_what_cannot_heal_ends_it_at_once(self):
        watch = self.client.watch(v1.WatchRequest(filter="((("))
        with self.assertRaises(communique.Error) as raised:
            next(watch)
        self.assertEqual((raised.exception.reason, watch.reconnect_count), ("INVALID_FILTER", 0))
        self.client.commit(actor("a", "A"))
        token = [r.resume_token for r in self.client.watch(v1.WatchRequest(start_revision=0, until_head=True))][-1]
        other = self.client.watch(v1.WatchRequest(resume_token=token, filter='kind = "summit"'))
        self.assertRaises(communique.TokenRefusedError, next, other)

    def test_cancel_ends_what_waits(self):
        watch = self.client.watch()
        next(watch)  # The checkpoint that says where now is.
        threading.Timer(0, watch.cancel).start()
        self.assertEqual([r for r in watch if r.changes], [])

    def test_a_snapshot_of_the_past_goes_on_after_a_restart(self):
        for i in range(3):
            self.client.commit(actor(f"a{i}", f"Person {i}"))
        request = v1.WatchRequest(snapshot=True, scope=v1.ReadScope(known_revision=2))
        watch = self.client.watch(request)
        self.addCleanup(watch.cancel)
        seen = []
        while watch.through_revision < 3:
            seen += names_of(next(watch))
        self.server.stop(signal.SIGKILL)
        self.server.start()
        self.client.commit(actor("a3", "Person 3"))
        while watch.through_revision < 4:
            seen += names_of(next(watch))
        self.assertEqual(seen, [f"actors/a{i}" for i in range(4)])
        self.assertGreaterEqual(watch.reconnect_count, 1)
        self.assertEqual(request.scope.known_revision, 2)  # The caller's stays as it was.

    def test_until_head_is_the_first_head_after_a_restart(self):
        # More than is on its way at a time, so that the restart cuts it.
        count = 80
        for i in range(count):
            mutation = actor(f"a{i}", "Person")
            mutation.put.actor.description = "word " * 80_000
            self.client.commit(mutation)
        watch = self.client.watch(v1.WatchRequest(start_revision=0, until_head=True))
        next(watch)
        self.server.stop(signal.SIGKILL)
        self.server.start()
        self.client.commit(actor("after", "Person"))
        for _ in watch:
            pass
        self.assertEqual(watch.through_revision, count)
        self.assertGreaterEqual(watch.reconnect_count, 1)

    def test_the_clients_end_ends_its_watches(self):
        watch = self.client.watch()
        next(watch)  # The checkpoint that says where now is.
        threading.Timer(0.1, self.client.close).start()
        begin = time.monotonic()
        for _ in range(2):
            self.assertRaises(communique.ClosedError, list, watch)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertRaises(communique.ClosedError, next, self.client.watch())
        self.assertRaises(communique.ClosedError, self.client.get, "actors/a")
        self.client.close()


if __name__ == "__main__":
    unittest.main()
