import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromJson } from "@bufbuild/protobuf";
import { WatchChain } from "../src/index.js";
import { WatchRequestSchema, WatchResponseSchema } from "../src/gen/communique/v1/feed_pb.js";

// The proof of a watch, by the cases that all languages share.
const cases = JSON.parse(readFileSync(process.env["COMMUNIQUE_CHAINS"]!, "utf8"));
assert.ok(cases.length > 0);
for (const { name, request, steps } of cases) {
  test(name, () => {
    const chain = new WatchChain(fromJson(WatchRequestSchema, request));
    for (const [number, step] of steps.entries()) {
      const verdict = chain.take(fromJson(WatchResponseSchema, step.response));
      assert.equal(verdict, step.verdict, `step ${number}: ${chain.problem}`);
      assert.equal(chain.throughRevision, BigInt(step.through), `step ${number}`);
    }
  });
}
