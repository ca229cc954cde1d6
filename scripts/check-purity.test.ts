import { describe, expect, test } from "vitest";
import { purityViolations } from "./check-purity.ts";

const why = (path: string, text: string) => purityViolations(path, text, () => true).map((line) => line.replace(/^.*?:\d+: /, ""));
const pureFile = "packages/aggregation/src/fold.ts";

describe("a pure package", () => {
  test.each([
    "node:fs",
    "node:fs/promises",
    "fs",
    "fs/promises",
    "node:net",
    "node:http",
    "node:https",
    "node:child_process",
    "node:worker_threads",
    "node:dns",
    "node:dns/promises",
    "node:tls",
    "node:timers",
    "node:timers/promises",
    "node:process",
    "node:crypto",
    "node:sqlite",
  ])("may not import %s", (specifier) => {
    expect(why(pureFile, `import * as x from "${specifier}";`)).toEqual([`pure package aggregation imports ${specifier}`]);
    expect(why(pureFile, `export { x } from "${specifier}";`)).toHaveLength(1);
    expect(why(pureFile, `const x = await import("${specifier}");`)).toHaveLength(1);
  });

  test("may not import a path that it computes", () => {
    expect(why(pureFile, "await import(name);")).toEqual(["pure package aggregation imports a computed path"]);
  });

  test.each([
    ["Date.now()", "Date.now"],
    ["new Date()", "new Date()"],
    ["Date()", "Date"],
    ["const { now } = Date", "Date"],
    ['Date["now"]()', "Date"],
    ["Math.random()", "Math.random"],
    ["const { random } = Math", "Math"],
    ["process.hrtime()", "process"],
    ["setTimeout(f, 1)", "setTimeout"],
    ["setInterval(f, 1)", "setInterval"],
    ["performance.now()", "performance"],
    ['fetch("http://a")', "fetch"],
    ["globalThis.fetch", "globalThis"],
    ["crypto.randomUUID()", "crypto"],
    ["f({ process })", "process"],
    ["(process as unknown)", "process"],
    ['console.log("a")', "console"],
  ])("may not say %s", (text, name) => {
    expect(why(pureFile, text)).toContain(`pure package aggregation uses ${name}`);
  });

  test.each([
    "new Date(atMs).toISOString()",
    "new Date(Date.UTC(2026, 0, 1))",
    "Date.parse(text)",
    "value instanceof Date",
    "Math.max(1, 2)",
    "event.process",
    "f({ process: 1, fetch: 2 })",
    "type Clock = typeof setTimeout; let at: Date;",
    "class Feed { fetch() {} performance = 1; }",
    'import { inspect } from "node:util";',
    'import { z } from "zod";',
    '// Date.now()\nconst a = "Math.random()";',
  ])("may say %s", (text) => {
    expect(why(pureFile, text)).toEqual([]);
  });

  test.each(["events", "anonymization", "aggregation", "prediction", "alert-rules"])("is %s", (name) => {
    expect(why(`packages/${name}/src/a.ts`, 'import "node:fs/promises";')).toHaveLength(1);
  });

  test("may hash when it is anonymization, and only then", () => {
    expect(why("packages/anonymization/src/pseudonym.ts", 'import { createHmac } from "node:crypto";')).toEqual([]);
    expect(why("packages/events/src/event.ts", 'import { createHmac } from "node:crypto";')).toHaveLength(1);
  });

  test("is free in its tests and what serves them", () => {
    expect(why("packages/aggregation/src/store.conformance.ts", "Date.now();")).toEqual([]);
    expect(why("packages/aggregation/scripts/write-reference.ts", 'import "node:fs";')).toEqual([]);
    expect(why("packages/aggregation/src/connection.testing.ts", "Date.now();")).toEqual([]);
    expect(why("packages/aggregation/src/fold.test.ts", 'import { readFileSync } from "node:fs"; Date.now();')).toEqual([]);
  });
});

describe("an arrow between workspaces", () => {
  test.each([
    ["packages/aggregation/src/a.ts", "events/event"],
    ["packages/storage/src/a.ts", "aggregation/fold"],
    ["packages/storage-sqlite/src/a.ts", "storage/event-store"],
    ["packages/otlp/src/a.ts", "events/event"],
    ["packages/simulator/src/a.ts", "events/catalogue"],
    ["apps/ingest/src/a.ts", "storage-sqlite/open"],
    ["packages/events/src/a.ts", "events/event"],
    ["packages/aggregation/src/a.test.ts", "simulator/traffic"],
  ])("may go from %s to %s", (path, target) => {
    expect(why(path, `import { a } from "@trinity/${target}";`)).toEqual([]);
  });

  test.each([
    ["packages/events/src/a.ts", "aggregation/fold"],
    ["packages/aggregation/src/a.ts", "storage/event-store"],
    ["packages/aggregation/src/a.ts", "anonymization/pseudonym"],
    ["packages/aggregation/src/a.ts", "simulator/traffic"],
    ["packages/http/src/a.ts", "events/event"],
    ["packages/cache/src/a.ts", "events/event"],
    ["packages/storage/src/a.ts", "api/router"],
    ["apps/api/src/a.ts", "ingest/receive"],
    ["apps/api/src/a.ts", "nowhere"],
    ["packages/events/src/a.test.ts", "storage/event-store"],
  ])("may not go from %s to %s", (path, target) => {
    for (const text of [
      `import { a } from "@trinity/${target}";`,
      `import type { A } from "@trinity/${target}";`,
      `type A = import("@trinity/${target}").A;`,
    ]) {
      expect(why(path, text)).toEqual([expect.stringContaining("is not an arrow of the design")]);
    }
  });

  test("carries only types from the events to the tracker", () => {
    expect(why("packages/tracker/src/a.ts", 'import type { StoredEvent } from "@trinity/events/event";')).toEqual([]);
    expect(why("packages/tracker/src/a.ts", 'import { type StoredEvent } from "@trinity/events/event";')).toEqual([]);
    expect(why("packages/tracker/src/a.ts", 'import { catalogue } from "@trinity/events/catalogue";')).toHaveLength(1);
    expect(why("apps/dashboard/src/a.ts", 'import { appRouter } from "@trinity/api/router";')).toHaveLength(1);
  });

  test("is declared in package.json, for a test as well", () => {
    const text = 'import { a } from "@trinity/events/event";';
    for (const path of ["packages/storage/src/a.ts", "packages/storage/src/a.test.ts", "apps/api/src/a.ts"]) {
      expect(purityViolations(path, text, (name) => name === "@trinity/events")).toEqual([]);
      expect(purityViolations(path, text, () => false)).toEqual([expect.stringContaining("-> events is not declared in package.json")]);
    }
  });

  test("never goes by path", () => {
    expect(why("packages/events/src/a.ts", 'import { a } from "../../aggregation/src/fold.ts";')).toHaveLength(1);
    expect(why("packages/events/src/families/a.ts", 'import { a } from "../event.ts";')).toEqual([]);
  });

  test("never starts in a package that the design does not know", () => {
    expect(why("packages/misc/src/a.ts", "")).toEqual(["package misc is not in scripts/workspace-arrows.ts"]);
  });
});

describe("answers", () => {
  const apiFile = "apps/api/src/metrics-router.ts";

  test.each(["answer", "query", "questions"])("come through @trinity/query/%s", (module) => {
    expect(why(apiFile, `import { a } from "@trinity/query/${module}";`)).toEqual([]);
  });

  test.each(["kinds/metric", "reads/moment", "question-kind"])("do not come through @trinity/query/%s", (module) => {
    const text = `import type { A } from "@trinity/query/${module}";`;
    for (const path of [apiFile, "apps/api/src/a.test.ts", "apps/worker/src/a.ts"])
      expect(why(path, text)).toEqual([expect.stringContaining(`@trinity/query/${module} is not open to`)]);
  });

  test("are asked for without a caller only in tests and benchmarks", () => {
    const text = 'import { ask } from "@trinity/query/asking";';
    expect(why(apiFile, text)).toEqual(["@trinity/query/asking is not open to api"]);
    for (const path of ["apps/api/src/a.test.ts", "packages/storage-sqlite/src/a.test.ts", "apps/api/bench/a.ts", "e2e/a.test.ts"])
      expect(why(path, text)).toEqual([]);
  });

  test.each([
    ["store.readRollups(ranges)", "readRollups"],
    ["store.readRollups([], users)", "readRollups"],
    ["store.readRollups()", "readRollups"],
    ["const read = store.readRollups;", "readRollups"],
    ["store?.readEntities({ refs, runs: [] })", "readEntities"],
    ['ctx.store.readParts("roomMember", [id])', "readParts"],
    ['store["scanEntities"]("room", "", 10)', "scanEntities"],
    ["const { readChunks } = store;", "readChunks"],
    ["function f({ readChunksInRanges: read }: EventStore) {}", "readChunksInRanges"],
    ["ctx.store.readChunksOfUser(id)", "readChunksOfUser"],
  ])("are not made in apps: no app may contain %s", (text, name) => {
    const problem = `${name} reads data for answers: ask packages/query`;
    for (const app of ["api", "cli", "connector", "ingest", "worker"]) expect(why(`apps/${app}/src/a.ts`, text)).toEqual([problem]);
    expect(why("apps/api/src/a.test.ts", text)).toEqual([]);
    expect(why("packages/query/src/reads/a.ts", text)).toEqual([]);
  });

  test.each([
    "store.readRollups([])",
    "store?.readRollups([])",
    "store.headSeq()",
    "store.readWatermark()",
    'type Progress = Pick<EventStore, "readRollups" | "readChunks">;',
    'let read: EventStore["readRollups"];',
    "// store.readChunks(0, 1)",
  ])("are not concerned by checks of the store: apps may contain %s", (text) => {
    expect(why(apiFile, text)).toEqual([]);
  });

  test("are not concerned by the named reads of a module that is listed with them", () => {
    const listed = "apps/ingest/src/fold-thread/follow-log.ts";
    expect(why(listed, "store.readChunks(seq, 1)")).toEqual([]);
    expect(why(listed, "store.readEntities(reads)")).toHaveLength(1);
    expect(why("apps/ingest/src/append.ts", "store.readChunks(seq, 1)")).toHaveLength(1);
  });
});

describe("time and configuration", () => {
  test.each(["Date.now()", "new Date()", "process.env", 'process.env["PORT"]'])("%s is for main.ts", (text) => {
    expect(why("apps/ingest/src/server.ts", text)).toHaveLength(1);
    expect(why("packages/storage-sqlite/src/open.ts", text)).toHaveLength(1);
    expect(why("apps/ingest/src/main.ts", text)).toEqual([]);
    expect(why("apps/ingest/src/server.test.ts", text)).toEqual([]);
    expect(why("scripts/start.ts", text)).toEqual([]);
    expect(why("bench/ingest.ts", text)).toEqual([]);
    expect(why("apps/ingest/bench/load.ts", text)).toEqual([]);
  });

  test("a violation names its file and line", () => {
    expect(purityViolations("apps/api/src/a.ts", "\n\nconst at = Date.now();", () => true)).toEqual([
      "apps/api/src/a.ts:3: Date.now belongs into main.ts: take it as an argument",
    ]);
  });
});
