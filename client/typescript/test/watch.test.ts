import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import { BrokenChainError, ClosedError, CommuniqueError, type Watch } from "../src/index.js";
import { busy, failure, FakeServer, says, type Answer } from "./server.js";

// What a watch does with a server that misbehaves.

const away = failure(Code.Unavailable);
const fromStart = { start: { case: "startRevision", value: 0n } } as const;
const fromStartThrough = (value: bigint) => ({ ...fromStart, until: { case: "untilRevision", value } }) as const;

async function throughOf(watch: Watch): Promise<number[]> {
  const through: number[] = [];
  for await (const response of watch) through.push(Number(response.throughRevision));
  return through;
}

test("resumes with the last token", async (t) => {
  const fake = await FakeServer.start(t, [says(0, 2), away], [away], [says(2, 3)]);
  const watch = fake.client(t).watch(fromStartThrough(3n));
  assert.deepEqual(await throughOf(watch), [2, 3]);
  assert.deepEqual(fake.tokens, ["", "token 2", "token 2"]);
  assert.equal(watch.resumeToken, "token 3");
  assert.equal(watch.stats.throughRevision, 3n);
  assert.equal(watch.stats.reconnectCount, 2);
  assert.equal(watch.stats.lastFault?.code, Code.Unavailable);
  assert.deepEqual(await watch.next(), { done: true, value: undefined });
});

test("drops repeats and heals gaps", async (t) => {
  const fake = await FakeServer.start(t, [says(0, 2), says(0, 2), says(3, 4)], [says(2, 4)]);
  const watch = fake.client(t).watch(fromStartThrough(4n));
  assert.deepEqual(await throughOf(watch), [2, 4]);
  assert.deepEqual(fake.tokens, ["", "token 2"]);
  assert.equal(watch.stats.repeatCount, 1);
  assert.equal(watch.stats.brokenChainCount, 1);
});

test("a chain that keeps breaking ends it", async (t) => {
  const gaps: Answer[][] = Array(5).fill([says(3, 4)]);
  const fake = await FakeServer.start(t, [says(0, 2), says(3, 4)], ...gaps);
  const watch = fake.client(t).watch(fromStart);
  assert.equal((await watch.next()).value?.throughRevision, 2n);
  await assert.rejects(watch.next(), BrokenChainError);
  assert.equal(watch.stats.brokenChainCount, 5);
  assert.equal(watch.resumeToken, "token 2");
});

for (const [code, reason] of [
  [Code.InvalidArgument, "INVALID_FILTER"],
  [Code.Unknown, "STORAGE_FAILED"],
  [Code.Internal, "STORAGE_FAILED"],
  [Code.PermissionDenied, ""],
] as const) {
  test(`${Code[code]} ${reason} ends it at once`, async (t) => {
    const fake = await FakeServer.start(t, [failure(code, reason)], [says(0, 1)]);
    const watch = fake.client(t).watch(fromStart);
    for (const _ of [1, 2]) {
      await assert.rejects(watch.next(), (e) => e instanceof CommuniqueError && e.code === code && e.reason === reason);
    }
    assert.equal(fake.watchRequests.length, 1);
  });
}

test("without retries the loss is thrown", async (t) => {
  const fake = await FakeServer.start(t, [away], [says(0, 1)]);
  await assert.rejects(fake.client(t, { retry: { enabled: false } }).watch().next(), { code: Code.Unavailable });
});

test("the open timeout ends what was never answered", async (t) => {
  const fake = await FakeServer.start(t);
  const client = fake.client(t);
  fake.stop();
  await assert.rejects(client.watch({}, { openTimeoutMs: 200 }).next(), { code: Code.Unavailable });
});

test("a silent stream is lost", async (t) => {
  const fake = await FakeServer.start(t, [says(0, 1), "silence"], [says(1, 2)]);
  const watch = fake.client(t).watch({ ...fromStartThrough(2n), checkpointInterval: { nanos: 100_000_000 } });
  assert.deepEqual(await throughOf(watch), [1, 2]);
  assert.match(watch.stats.lastFault!.message, /silent/);
});

for (const request of [fromStart, fromStartThrough(3n)]) {
  test(`a stream that ends early is lost${request === fromStart ? "" : ", with an end"}`, async (t) => {
    const fake = await FakeServer.start(t, [says(0, 1)], [], [says(1, 2)]);
    const watch = fake.client(t).watch(request);
    assert.equal((await watch.next()).value?.throughRevision, 1n);
    assert.equal((await watch.next()).value?.throughRevision, 2n);
    await assert.rejects(watch.next(), { reason: "NO_MORE_ANSWERS" });
    assert.deepEqual(fake.tokens, ["", "token 1", "token 1", "token 2"]);
  });
}

test("until head is the first head", async (t) => {
  const first = says(0, 2);
  first.untilRevision = 3n;
  const fake = await FakeServer.start(t, [first, away], [says(2, 3)]);
  const watch = fake.client(t).watch({ ...fromStart, until: { case: "untilHead", value: true } });
  assert.deepEqual(await throughOf(watch), [2, 3]);
  assert.deepEqual(
    fake.watchRequests.map(({ until }) => [until.case, until.value]),
    [["untilHead", true], ["untilRevision", 3n]],
  );
});

test("a busy server is come back to", async (t) => {
  const fake = await FakeServer.start(t, [busy(100)], [says(0, 1)]);
  fake.commitAnswers = [busy(100), undefined];
  const client = fake.client(t);
  let begin = performance.now();
  assert.equal((await client.commit({})).revision, 7n);
  assert.ok(performance.now() - begin >= 99);
  begin = performance.now();
  assert.deepEqual(await throughOf(client.watch(fromStartThrough(1n))), [1]);
  assert.ok(performance.now() - begin >= 99);
});

test("a limit is not outwaited", async (t) => {
  // Of another kind, and beyond the deadline.
  for (const limit of [failure(Code.ResourceExhausted, "SIZE_LIMIT"), busy(60_000)]) {
    const fake = await FakeServer.start(t);
    fake.commitAnswers = [limit, undefined];
    await assert.rejects(fake.client(t).commit({}, { timeoutMs: 10_000 }), { code: Code.ResourceExhausted });
    assert.equal(fake.commitRequests.length, 1);
  }
});

test("the client's end ends a back-off", { timeout: 10_000 }, async (t) => {
  const fake = await FakeServer.start(t, [busy(60_000)]);
  fake.commitAnswers = [busy(20_000)];
  const client = fake.client(t);
  setTimeout(() => client.close(), 300);
  await Promise.all([
    assert.rejects(client.watch().next(), ClosedError),
    assert.rejects(client.commit({}), ClosedError),
  ]);
});

test("a commit keeps its request id", async (t) => {
  const fake = await FakeServer.start(t);
  fake.commitAnswers = [away, away, undefined];
  assert.equal((await fake.client(t).commit({})).revision, 7n);
  const ids = fake.commitRequests.map((request) => request.requestId);
  assert.equal(ids.length, 3);
  assert.equal(new Set(ids).size, 1);
  assert.match(ids[0]!, /^[A-Za-z0-9._:-]{1,64}$/);
});

test("a commit that was refused is not repeated", async (t) => {
  const fake = await FakeServer.start(t);
  fake.commitAnswers = [failure(Code.Aborted, "ETAG_MISMATCH", { etag: "x" }), undefined];
  await assert.rejects(fake.client(t).commit({ requestId: "mine" }), {
    name: "CommuniqueError",
    code: Code.Aborted,
    reason: "ETAG_MISMATCH",
    metadata: { etag: "x" },
  });
  assert.deepEqual(fake.commitRequests.map((request) => request.requestId), ["mine"]);
});
