import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSetAsideFile, type SetAsideRecord } from "./set-aside.ts";

const record: SetAsideRecord = {
  at: "2026-01-31T20:15:04.120Z",
  tableName: "trinity-votes-dev",
  eventName: "INSERT",
  sequenceNumber: "1",
  eventType: "vote_content",
  reason: "too_old",
};

test("records are appended, a line each, up to the maximum size of the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trinity-connector-"));
  const path = join(folder, "connector", "set-aside.ndjson");
  const failures: unknown[] = [];
  const file = openSetAsideFile(path, (error) => failures.push(error), 300);
  for (let i = 0; i < 5; i++) await file.put([record]);
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([record, record]);
  await rm(folder, { recursive: true });
  expect(failures).toEqual([]);
});

test("a failed write is reported, and blocks no delivery", async () => {
  const failures: unknown[] = [];
  await openSetAsideFile("/dev/null/x/set-aside.ndjson", (error) => failures.push(error)).put([record]);
  expect(failures).toHaveLength(1);
});
