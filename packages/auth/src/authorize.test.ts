import { failed, ok } from "@trinity/runtime/result";
import { expect, test } from "vitest";
import type { Authenticator } from "./authenticator.ts";
import { authorize } from "./authorize.ts";

const caller = { role: "service", name: "sender", prefix: "abcdefgh" } as const;
const request = { headers: { "x-api-key": "key" }, ip: "127.0.0.1" };
const answering = (answer: Awaited<ReturnType<Authenticator["authenticate"]>>): Authenticator => ({ authenticate: async () => answer });

test("a caller is authorized for what its role may do, and forbidden the rest", async () => {
  expect(await authorize(answering(ok(caller)), request, "events:write")).toEqual(ok(caller));
  expect(await authorize(answering(ok(caller)), request, "metrics:read")).toEqual(failed({ kind: "forbidden" }));
});

test("a request that is not authenticated keeps its problem", async () => {
  const problem = failed({ kind: "too-many-requests", retryAfterS: 7 } as const);
  expect(await authorize(answering(problem), request, "events:write")).toEqual(problem);
});
