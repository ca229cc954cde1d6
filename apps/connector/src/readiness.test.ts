import { expect, test } from "vitest";
import { ingestCheck, sourceCheck } from "./readiness.ts";

test("the source is ready while its shards were assigned within a minute", () => {
  expect([sourceCheck(null, 0), sourceCheck(0, 60_000), sourceCheck(0, 60_001)].map(({ ok }) => ok)).toEqual([false, true, false]);
});

test("ingest is ready unless the last attempt failed", () => {
  const states = ["untried", "taking", "busy", "unreachable", "key_refused"] as const;
  expect(states.map((state) => ingestCheck(state).ok)).toEqual([true, true, false, false, false]);
});
