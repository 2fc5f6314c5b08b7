import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { SecureClientSessionOptions } from "node:http2";
import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { createClient, type Client as Stub, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import type { Retry } from "./backoff.js";
import { ClosedError } from "./errors.js";
import { AdminService } from "./gen/communique/v1/admin_pb.js";
import { CatalogService } from "./gen/communique/v1/catalog_pb.js";
import { FeedService, WatchRequestSchema } from "./gen/communique/v1/feed_pb.js";
import { CommitRequestSchema, PublishService, type CommitResponse } from "./gen/communique/v1/publish_pb.js";
import { ReadScopeSchema } from "./gen/communique/v1/read_scope_pb.js";
import type { Record } from "./gen/communique/v1/record_pb.js";
import { ScreeningService } from "./gen/communique/v1/screening_pb.js";
import { resilient } from "./transport.js";
import { Watch, type WatchOptions } from "./watch.js";

// The largest answer taken: a page of 1,000 records has no smaller bound of its own.
const maxReceiveBytes = 256 << 20;
const defaultTimeoutMs = 30_000;
// A silent connection is probed; the service accepts a probe each 30 s.
const keepalive = { pingIntervalMs: 60_000, pingTimeoutMs: 20_000 };

export interface ClientOptions {
  /** HOST:PORT. Default: 127.0.0.1:7400. */
  endpoint?: string;
  /** The operator's listener. Default: 127.0.0.1:7401. */
  adminEndpoint?: string;
  /** Who calls. */
  principal?: string;
  /** The longest a unary call may take, its retries included. Default: 30,000. */
  timeoutMs?: number;
  retry?: Retry;
  /** Turns TLS on: certificates and keys, as for node:http2. */
  tls?: SecureClientSessionOptions;
  /** Asked with each attempt, for a bearer token or a trace. */
  headers?: () => { [name: string]: string };
}

export interface CallOptions {
  /** Replaces ClientOptions.timeoutMs. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface ReadOptions extends CallOptions {
  /** As of which knowledge, at which date. Default: everything known now. */
  scope?: MessageInitShape<typeof ReadScopeSchema>;
  /** Fields to answer ("summit.title"). Default: all. */
  readMask?: string[];
}

export interface ListOptions extends ReadOptions {
  /** A filter (AIP-160). Default: all. */
  filter?: string;
  /** An order (AIP-132). Default: by name. */
  orderBy?: string;
  /** Records a page, 1 to 1,000. Default: the server's. */
  pageSize?: number;
}

/** Of Client.commit: a CommitRequest, whose requestId may be left out. */
export type CommitInit = MessageInitShape<typeof CommitRequestSchema>;

export const collections = ["summits", "sanctions", "statements", "actors", "sources"] as const;
export type Collection = (typeof collections)[number];

interface Page {
  records: Record[];
  nextPageToken: string;
}

/**
 * Reads, writes and watches.
 *
 *     const client = new Client({ endpoint: "127.0.0.1:7400", principal: "desk" });
 *     for await (const record of client.list("summits")) console.log(record.name);
 *
 * What has no method of its own is called through the stubs (`catalog`, `publish`, `feed`,
 * `screening`, `admin`), whose unary calls have the same deadlines, retries and errors. Retried are
 * UNAVAILABLE, which says that the server did not take the call, or that a repeat is safe, and a
 * RESOURCE_EXHAUSTED that says when to come again (a full queue); other limits are not.
 * What fails throws a CommuniqueError; what the signal of a call ends, one with the code CANCELED.
 * The streams of the stubs throw ConnectError, of which `errorOf` makes a CommuniqueError.
 */
export class Client {
  readonly catalog: Stub<typeof CatalogService>;
  readonly publish: Stub<typeof PublishService>;
  readonly feed: Stub<typeof FeedService>;
  readonly screening: Stub<typeof ScreeningService>;
  readonly admin: Stub<typeof AdminService>;

  readonly #options: ClientOptions;
  readonly #sessions: Http2SessionManager[] = [];
  readonly #closed = new AbortController();

  constructor(options: ClientOptions = {}) {
    this.#options = options;
    setMaxListeners(0, this.#closed.signal); // One for each watch.
    const main = this.#transport(options.endpoint ?? "127.0.0.1:7400");
    this.catalog = createClient(CatalogService, main);
    this.publish = createClient(PublishService, main);
    this.feed = createClient(FeedService, main);
    this.screening = createClient(ScreeningService, main);
    this.admin = createClient(AdminService, this.#transport(options.adminEndpoint ?? "127.0.0.1:7401"));
  }

  /** Ends the connections, and all calls and watches, with ClosedError. */
  close(): void {
    // First: what the connections' end cuts is not to be opened again.
    this.#closed.abort(new ClosedError());
    for (const session of this.#sessions) session.abort();
  }

  /** One record by its name ("summits/kim-putin-2023"). */
  async get(name: string, options: ReadOptions = {}): Promise<Record> {
    const collection = collectionOf(name.split("/", 1)[0]!);
    const request = { name, scope: options.scope, readMask: maskOf(options) };
    switch (collection) {
      case "summits":
        return this.catalog.getSummit(request, options);
      case "sanctions":
        return this.catalog.getSanction(request, options);
      case "statements":
        return this.catalog.getStatement(request, options);
      case "actors":
        return this.catalog.getActor(request, options);
      case "sources":
        return this.catalog.getSource(request, options);
    }
  }

  /**
   * The records of a collection ("summits") that match, fetched page by page as they are walked, all
   * of the revision of the first page. `timeoutMs` is for each page.
   */
  async *list(collection: Collection, options: ListOptions = {}): AsyncGenerator<Record, void, undefined> {
    for (let pageToken = ""; ; ) {
      const page = await this.#page(collectionOf(collection), options, pageToken);
      yield* page.records;
      if (page.nextPageToken === "") return;
      pageToken = page.nextPageToken;
    }
  }

  async #page(collection: Collection, options: ListOptions, pageToken: string): Promise<Page> {
    const { filter, orderBy, pageSize, scope } = options;
    const request = { filter, orderBy, pageSize, scope, pageToken, readMask: maskOf(options) };
    const pageOf = (records: Record[], { nextPageToken }: { nextPageToken: string }) => ({ records, nextPageToken });
    switch (collection) {
      case "summits": {
        const page = await this.catalog.listSummits(request, options);
        return pageOf(page.summits, page);
      }
      case "sanctions": {
        const page = await this.catalog.listSanctions(request, options);
        return pageOf(page.sanctions, page);
      }
      case "statements": {
        const page = await this.catalog.listStatements(request, options);
        return pageOf(page.statements, page);
      }
      case "actors": {
        const page = await this.catalog.listActors(request, options);
        return pageOf(page.actors, page);
      }
      case "sources": {
        const page = await this.catalog.listSources(request, options);
        return pageOf(page.sources, page);
      }
    }
  }

  /**
   * Applies the mutations as one revision. An empty `requestId` is filled once and kept over the
   * retries, so that they are safe; to repeat safely after this process has died, give one that
   * follows from the work.
   */
  async commit(init: CommitInit, options: CallOptions = {}): Promise<CommitResponse> {
    const request = clone(CommitRequestSchema, create(CommitRequestSchema, init));
    request.requestId ||= randomUUID();
    return this.publish.commit(request, options);
  }

  /** The changes from where the request starts; by default from now on. */
  watch(request: MessageInitShape<typeof WatchRequestSchema> = {}, options: WatchOptions = {}): Watch {
    return new Watch(
      (from, signal) => this.feed.watch(from, { signal }),
      create(WatchRequestSchema, request),
      this.#options.retry ?? {},
      options,
      this.#closed.signal,
    );
  }

  #transport(endpoint: string): Transport {
    const { tls, retry, timeoutMs } = this.#options;
    const baseUrl = `${tls ? "https" : "http"}://${endpoint}`;
    const session = new Http2SessionManager(baseUrl, keepalive, tls);
    this.#sessions.push(session);
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager: session,
      readMaxBytes: maxReceiveBytes,
      interceptors: [this.#headers],
    });
    return resilient(transport, retry ?? {}, timeoutMs ?? defaultTimeoutMs, this.#closed.signal);
  }

  readonly #headers: Interceptor = (next) => (request) => {
    const { principal, headers } = this.#options;
    for (const [name, value] of Object.entries(headers?.() ?? {})) request.header.set(name, value);
    if (principal) request.header.set("communique-principal", principal);
    return next(request);
  };
}

function collectionOf(name: string): Collection {
  const collection = collections.find((known) => known === name);
  if (collection) return collection;
  throw new TypeError(`no collection of records: "${name}"`);
}

function maskOf(options: ReadOptions): { paths: string[] } | undefined {
  return options.readMask?.length ? { paths: options.readMask } : undefined;
}
