import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Client, type ClientOptions } from "../src/index.js";
import { ActorType } from "../src/gen/communique/v1/actor_pb.js";
import { FeedService, WatchResponseSchema, type WatchRequest, type WatchResponse } from "../src/gen/communique/v1/feed_pb.js";
import { MutationSchema, PublishService, type CommitRequest } from "../src/gen/communique/v1/publish_pb.js";
import { ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";

// A port may be taken for a moment, by a connection of another program.
const startAttempts = 5;

export function actor(name: string, displayName: string): MessageInitShape<typeof MutationSchema> {
  const kind = { case: "actor", value: { type: ActorType.PERSON, displayName } } as const;
  return { operation: { case: "put", value: { name: `actors/${name}`, kind } } };
}

export function newClient(t: TestContext, options: ClientOptions): Client {
  const client = new Client(options);
  t.after(() => client.close());
  return client;
}

/** The program that COMMUNIQUED names, on free ports of loopback. */
export class Server {
  readonly #folder = mkdtempSync(join(tmpdir(), "communique-typescript-"));
  #endpoint = "127.0.0.1:0";
  #adminEndpoint = "127.0.0.1:0";
  #process!: ChildProcess;
  #starting: Promise<unknown> = Promise.resolve();

  static async start(t: TestContext): Promise<Server> {
    const server = new Server();
    t.after(async () => {
      await server.#starting.catch(() => {}); // A test may fail while a server starts.
      await server.stop("SIGKILL");
      rmSync(server.#folder, { recursive: true });
    });
    await server.start();
    return server;
  }

  start(): Promise<void> {
    const starting = this.#start();
    this.#starting = starting;
    return starting;
  }

  async #start(): Promise<void> {
    for (let attempt = 0; attempt < startAttempts; attempt++) {
      if (await this.#startOnce()) return;
    }
    throw new Error("communiqued did not get ready");
  }

  async #startOnce(): Promise<boolean> {
    const program = process.env["COMMUNIQUED"];
    if (!program) throw new Error("COMMUNIQUED is not set");
    this.#process = spawn(
      program,
      [
        `--data_dir=${this.#folder}`,
        `--listen=${this.#endpoint}`,
        `--admin_listen=${this.#adminEndpoint}`,
        "--drain_pause=0s",
      ],
      { stdio: ["ignore", "inherit", "pipe"] },
    );
    const log = createInterface(this.#process.stderr!);
    return new Promise((resolve) => {
      log.on("close", () => resolve(false));
      // Goes on after "ready", so that the server never waits for a full pipe.
      log.on("line", (line) => {
        if (!line.startsWith("{")) return;
        const fields = JSON.parse(line);
        if (fields.event !== "ready") return;
        this.#endpoint = fields.listen;
        this.#adminEndpoint = fields.admin_listen;
        resolve(true);
      });
    });
  }

  async stop(how: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill(how);
    await ended;
  }

  client(t: TestContext): Client {
    return newClient(t, { endpoint: this.#endpoint, adminEndpoint: this.#adminEndpoint, principal: "tests" });
  }
}

/** A response, an error to end with, or silence until the client leaves. */
export type Answer = WatchResponse | ConnectError | "silence";

/** Says what it is told to: one list of answers for each watch, in their order. */
export class FakeServer {
  readonly watchRequests: WatchRequest[] = [];
  readonly commitRequests: CommitRequest[] = [];
  commitAnswers: (ConnectError | undefined)[] = []; // undefined: revision 7.
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #server: Http2Server;

  private constructor(readonly streams: Answer[][]) {
    const noMore = () => failure(Code.FailedPrecondition, "NO_MORE_ANSWERS");
    this.#server = createServer(
      connectNodeAdapter({
        routes: (router) => {
          const { watchRequests, commitRequests } = this;
          router.rpc(FeedService.method.watch, async function* (request, context) {
            watchRequests.push(request);
            for (const answer of streams[watchRequests.length - 1] ?? [noMore()]) {
              if (answer === "silence") await once(context.signal, "abort");
              else if (answer instanceof ConnectError) throw answer;
              else yield answer;
            }
          });
          router.rpc(PublishService.method.commit, (request) => {
            commitRequests.push(request);
            if (commitRequests.length > this.commitAnswers.length) throw noMore();
            const answer = this.commitAnswers[commitRequests.length - 1];
            if (answer) throw answer;
            return { revision: 7n };
          });
        },
      }),
    );
    this.#server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
    });
  }

  static async start(t: TestContext, ...streams: Answer[][]): Promise<FakeServer> {
    const fake = new FakeServer(streams);
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    t.after(() => fake.stop());
    return fake;
  }

  stop(): void {
    for (const session of this.#sessions) session.destroy();
    this.#server.close();
  }

  get tokens(): string[] {
    return this.watchRequests.map(({ start }) => (start.case === "resumeToken" ? start.value : ""));
  }

  client(t: TestContext, options: ClientOptions = {}): Client {
    const { port } = this.#server.address() as AddressInfo;
    const retry = { initialBackoffMs: 1, maxBackoffMs: 2 };
    return newClient(t, { endpoint: `127.0.0.1:${port}`, retry, ...options });
  }
}

export function failure(code: Code, reason = "", metadata: { [key: string]: string } = {}): ConnectError {
  const value = { domain: "communique", reason, metadata };
  return new ConnectError("by hand", code, undefined, reason ? [{ desc: ErrorInfoSchema, value }] : []);
}

/** A server that has too much to do just now and asks to wait. */
export function busy(delayMs: number): ConnectError {
  const retryDelay = { seconds: BigInt(Math.floor(delayMs / 1000)), nanos: (delayMs % 1000) * 1e6 };
  return new ConnectError("by hand", Code.ResourceExhausted, undefined, [
    { desc: ErrorInfoSchema, value: { domain: "communique", reason: "CALL_LIMIT" } },
    { desc: RetryInfoSchema, value: { retryDelay } },
  ]);
}

export function says(from: number, through: number): WatchResponse {
  const changes = [];
  for (let i = from + 1; i <= through; i++) changes.push({ name: `actors/${i}`, revision: BigInt(i) });
  return create(WatchResponseSchema, {
    fromRevision: BigInt(from),
    throughRevision: BigInt(through),
    changes,
    resumeToken: `token ${through}`,
  });
}
