import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import { ClosedError, CommuniqueError, ExpiredError, TokenRefusedError, type Client, type Watch } from "../src/index.js";
import { ActorType } from "../src/gen/communique/v1/actor_pb.js";
import { WatchMark, type WatchResponse } from "../src/gen/communique/v1/feed_pb.js";
import { TombstoneSchema, type Record } from "../src/gen/communique/v1/record_pb.js";
import { actor, Server } from "./server.js";

// Against a real communiqued.

const fromStart = { start: { case: "startRevision", value: 0n } } as const;
const from = (token: string) => ({ start: { case: "resumeToken", value: token } }) as const;
const untilHead = { until: { case: "untilHead", value: true } } as const;

const namesOf = (response: WatchResponse) => response.changes.map((change) => change.name);
const actorNames = (begin: number, end: number) =>
  Array.from({ length: end - begin }, (_, i) => `actors/a${begin + i}`);

async function commitActors(client: Client, begin: number, end: number): Promise<void> {
  for (let i = begin; i < end; i++) await client.commit({ mutations: [actor(`a${i}`, `Person ${i}`)] });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function mustNext(watch: Watch): Promise<WatchResponse> {
  const { done, value } = await watch.next();
  assert.ok(!done, "the watch ended");
  return value;
}

async function caught(promise: Promise<unknown>): Promise<CommuniqueError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof CommuniqueError, String(error));
  return error;
}

test("commits, lists and gets", async (t) => {
  const client = (await Server.start(t)).client(t);
  await commitActors(client, 0, 7);
  const names = (records: Record[]) => records.map((record) => record.name);
  assert.deepEqual(names(await collect(client.list("actors", { pageSize: 2 }))), actorNames(0, 7));
  const [found, ...others] = await collect(
    client.list("actors", { filter: 'display_name = "Person 3"', readMask: ["create_time"] }),
  );
  assert.deepEqual([found?.name, found?.kind.case, others], ["actors/a3", undefined, []]);
  const record = await client.get("actors/a6", { scope: { knownAt: { case: "knownRevision", value: 7n } } });
  assert.ok(record.kind.case === "actor");
  assert.deepEqual([record.revision, record.kind.value.displayName], [7n, "Person 6"]);
  assert.deepEqual(await collect(client.list("summits")), []);
  assert.equal((await client.catalog.search({ query: "person" })).results.length, 7);
});

test("errors are typed", async (t) => {
  const client = (await Server.start(t)).client(t);
  const missing = await caught(client.get("actors/nobody"));
  assert.deepEqual([missing.code, missing.reason], [Code.NotFound, "RECORD_NOT_FOUND"]);
  const wrong = await caught(client.commit({ mutations: [actor("UPPER", "")], requestId: "?" }));
  assert.equal(wrong.code, Code.InvalidArgument);
  assert.ok(wrong.violations.length >= 2, JSON.stringify(wrong.violations));
  await client.commit({ mutations: [actor("a", "A")] });
  await client.commit({ mutations: [{ operation: { case: "delete", value: { name: "actors/a" } } }] });
  const gone = await caught(client.get("actors/a"));
  assert.equal(gone.findDetails(TombstoneSchema)[0]?.revision, 2n);
  await assert.rejects(client.get("persons/a"), TypeError);
});

test("a commit waits for a restart", async (t) => {
  const server = await Server.start(t);
  const client = server.client(t);
  await client.commit({ mutations: [actor("a", "A")] });
  await server.stop("SIGKILL");
  const request = { mutations: [actor("b", "B")], requestId: "b" };
  const committed = client.commit(request);
  await server.start();
  assert.equal((await committed).revision, 2n);
  assert.ok((await client.commit(request)).replayed);
});

test("a deadline holds while nobody answers", async (t) => {
  const server = await Server.start(t);
  const client = server.client(t);
  await server.stop("SIGKILL");
  const error = await caught(client.get("actors/a", { timeoutMs: 500 }));
  assert.ok(error.code === Code.Unavailable || error.code === Code.DeadlineExceeded, error.message);
});

test("sees every change once over restarts", async (t) => {
  const server = await Server.start(t);
  const client = server.client(t);
  const watch = client.watch({ ...fromStart, checkpointInterval: { seconds: 1n } });
  t.after(() => watch.cancel());
  const seen: string[] = [];
  const tokens = new Map<bigint, string>();
  for (const [restart, how] of ([undefined, "SIGKILL", "SIGTERM"] as const).entries()) {
    if (how) {
      await server.stop(how);
      await server.start();
    }
    for (let i = 3 * restart; i < 3 * restart + 3; i++) {
      await commitActors(client, i, i + 1);
      while (watch.stats.throughRevision <= BigInt(i)) {
        const response = await mustNext(watch);
        seen.push(...namesOf(response));
        tokens.set(response.throughRevision, response.resumeToken);
        assert.equal(watch.resumeToken, response.resumeToken);
      }
    }
  }
  assert.deepEqual(seen, actorNames(0, 9));
  assert.ok(watch.stats.reconnectCount >= 2);
  assert.deepEqual([watch.stats.brokenChainCount, watch.stats.repeatCount], [0, 0]);
  for await (const response of watch) {
    if (response.marks.includes(WatchMark.CHECKPOINT) && response.headRevision !== 0n) break;
  }
  assert.equal(watch.stats.headRevision, 9n);

  // Another process, with a token that was stored before both restarts.
  const rest = await collect(server.client(t).watch({ ...from(tokens.get(2n)!), ...untilHead }));
  assert.deepEqual(rest.flatMap(namesOf), actorNames(2, 9));
});

test("a snapshot and what follows", async (t) => {
  const client = (await Server.start(t)).client(t);
  await commitActors(client, 0, 3);
  const watch = client.watch({ start: { case: "snapshot", value: true } });
  t.after(() => watch.cancel());
  const seen: string[] = [];
  for (let ended = false; !ended; ) {
    const response = await mustNext(watch);
    seen.push(...namesOf(response));
    ended = response.marks.includes(WatchMark.SNAPSHOT_END);
  }
  assert.deepEqual(seen, actorNames(0, 3));
  assert.equal(watch.stats.throughRevision, 3n);
  await commitActors(client, 3, 4);
  let response = await mustNext(watch);
  while (response.changes.length === 0) response = await mustNext(watch);
  assert.deepEqual(namesOf(response), actorNames(3, 4));
});

test("an expired token says what is held", async (t) => {
  const client = (await Server.start(t)).client(t);
  for (let i = 0; i < 5; i++) await client.commit({ mutations: [actor("a", `Person ${i}`)] });
  const old = client.watch({ ...fromStart, until: { case: "untilRevision", value: 2n } });
  await collect(old);
  await client.admin.trimJournal({ revision: 4n });
  const watch = client.watch(from(old.resumeToken));
  const error = await caught(watch.next());
  assert.ok(error instanceof ExpiredError, error.message);
  assert.deepEqual([error.reason, error.oldestRevision], ["RESUME_TOKEN_EXPIRED", 4n]);
  assert.equal(error.code, Code.OutOfRange);
  assert.equal(watch.stats.reconnectCount, 0);
});

test("what cannot heal ends it at once", async (t) => {
  const client = (await Server.start(t)).client(t);
  const watch = client.watch({ filter: "(((" });
  const error = await caught(watch.next());
  assert.ok(!(error instanceof ExpiredError));
  assert.deepEqual([error.reason, watch.stats.reconnectCount], ["INVALID_FILTER", 0]);
  await client.commit({ mutations: [actor("a", "A")] });
  const all = client.watch({ ...fromStart, ...untilHead });
  await collect(all);
  const other = client.watch({ ...from(all.resumeToken), filter: 'kind = "summit"' });
  await assert.rejects(other.next(), TokenRefusedError);
});

test("cancel and a signal end what waits", async (t) => {
  const client = (await Server.start(t)).client(t);
  const watch = client.watch();
  await mustNext(watch); // The checkpoint that says where now is.
  setImmediate(() => watch.cancel());
  while (!(await watch.next()).done);
  const controller = new AbortController();
  const other = client.watch({}, { signal: controller.signal });
  await mustNext(other);
  setImmediate(() => controller.abort(new Error("enough")));
  await assert.rejects(collect(other), /enough/);
});

test("a snapshot of the past goes on after a restart", async (t) => {
  const server = await Server.start(t);
  const client = server.client(t);
  await commitActors(client, 0, 3);
  const scope = { knownAt: { case: "knownRevision", value: 2n } } as const;
  const watch = client.watch({ start: { case: "snapshot", value: true }, scope });
  t.after(() => watch.cancel());
  const seen: string[] = [];
  while (watch.stats.throughRevision < 3n) seen.push(...namesOf(await mustNext(watch)));
  await server.stop("SIGKILL");
  await server.start();
  await commitActors(client, 3, 4);
  while (watch.stats.throughRevision < 4n) seen.push(...namesOf(await mustNext(watch)));
  assert.deepEqual(seen, actorNames(0, 4));
  assert.ok(watch.stats.reconnectCount >= 1);
});

test("until head is the first head after a restart", async (t) => {
  const server = await Server.start(t);
  const client = server.client(t);
  // More than is on its way at a time, so that the restart cuts it.
  const count = 80;
  const value = { type: ActorType.PERSON, displayName: "Person", description: "word ".repeat(80_000) };
  for (let i = 0; i < count; i++) {
    const record = { name: `actors/a${i}`, kind: { case: "actor", value } } as const;
    await client.commit({ mutations: [{ operation: { case: "put", value: record } }] });
  }
  const watch = client.watch({ ...fromStart, ...untilHead });
  await mustNext(watch);
  await server.stop("SIGKILL");
  await server.start();
  await commitActors(client, count, count + 1);
  await collect(watch);
  assert.equal(watch.stats.throughRevision, BigInt(count));
  assert.ok(watch.stats.reconnectCount >= 1);
});

test("the client's end ends its watches", { timeout: 10_000 }, async (t) => {
  const client = (await Server.start(t)).client(t);
  const watch = client.watch();
  await mustNext(watch); // The checkpoint that says where now is.
  setTimeout(() => client.close(), 100);
  await assert.rejects(collect(watch), ClosedError);
  await assert.rejects(watch.next(), ClosedError);
  const closed = await caught(client.watch().next());
  assert.deepEqual([closed instanceof ClosedError, closed.code], [true, Code.Canceled]);
  await assert.rejects(client.get("actors/a"), ClosedError);
});
