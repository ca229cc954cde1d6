import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binOf } from "@trinity/aggregation/histogram";
import { childrenOf } from "@trinity/testing/process-tree";
import { isRunning } from "@trinity/testing/product-pids";
import { afterEach, expect, test, vi } from "vitest";
import { binSql } from "../bin-sql.ts";
import { forEachList } from "../list-page.ts";
import { text } from "../sql-text.ts";
import { type Engine, type EngineError, EngineLostError, startEngine } from "./engine.ts";

const folder = mkdtempSync(join(tmpdir(), "trinity-engine-"));
const engines: Engine[] = [];
const start = (memoryBytes = 64 * 1024 ** 2) => {
  const engine = startEngine({ spillDir: join(folder, "spill"), memoryBytes });
  engines.push(engine);
  return engine;
};
afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Would run for hours. */
const endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11";

test("values come back by column", async () => {
  expect(await start().read({ sql: "SELECT * FROM (VALUES (1, 'a', [true]), (2, NULL, [])) ORDER BY 1" })).toEqual([
    [1, 2],
    ["a", null],
    [[true], []],
  ]);
});

/** Lists of the numbers from 0, of so many each; and what they come back as. */
const listsOf = (lists: number, each: number) => ({
  sql: `SELECT range::DOUBLE, list_transform(range(${each}), lambda n: (range + n)::DOUBLE) FROM range(${lists})`,
});
async function readAll(engine: Engine, statement: { readonly sql: string }) {
  const found = new Map<number, readonly number[]>();
  let pages = 0;
  await engine.readLists(statement, (page) => {
    pages += 1;
    forEachList(page, (number, list) => found.set(number, [...list]));
  });
  return { found, pages };
}

test("lists come back whole, in as many pages as they need", async () => {
  const engine = start();
  expect(await readAll(engine, listsOf(0, 3))).toEqual({ found: new Map(), pages: 0 });
  const [short, long] = [await readAll(engine, listsOf(5_000, 3)), await readAll(engine, listsOf(3, 100_000))];
  expect([short.found.size, short.found.get(4_999), long.pages]).toEqual([5_000, [4_999, 5_000, 5_001], 3]);
  expect([...long.found.values()].map((list) => [list.length, list[0], list.at(-1)])).toEqual([
    [100_000, 0, 99_999],
    [100_000, 1, 100_000],
    [100_000, 2, 100_001],
  ]);
  expect((await readAll(engine, { sql: "SELECT range::DOUBLE, [] ::DOUBLE[] FROM range(2)" })).found.get(1)).toEqual([]);
});

test("a statement that fails on the way fails, whatever it gave before", async () => {
  const failing = { sql: "SELECT range::DOUBLE, [if(range = 500000, error('damaged')::DOUBLE, 1)] FROM range(1000000)" };
  await expect(start().readLists(failing, () => {})).rejects.toThrow("damaged");
});

test.each(["NULL::DOUBLE, [1]::DOUBLE[]", "1::DOUBLE, NULL::DOUBLE[]", "1::DOUBLE, [1, NULL]::DOUBLE[]"])(
  "lists of numbers with a null fail: %s",
  async (row) => {
    const rows = `SELECT 1::DOUBLE, [2]::DOUBLE[] UNION ALL SELECT ${row}`;
    await expect(start().readLists({ sql: rows }, () => {})).rejects.toThrow("lists of numbers have no nulls");
  },
);

test("pages that nobody takes any more are not sent, and others are answered", async () => {
  const engine = start();
  const manyLists = listsOf(300_000, 20);
  await expect(
    engine.readLists(manyLists, () => {
      throw new TypeError("not wanted");
    }),
  ).rejects.toThrow(TypeError);
  const giveUp = new AbortController();
  let pages = 0;
  const ended = engine
    .readLists(manyLists, () => void (++pages === 3 && giveUp.abort()), giveUp.signal)
    .catch((error: EngineError) => error);
  expect(await ended).toMatchObject({ name: "EngineError", isLimit: true });
  // Those that were on their way.
  expect(pages).toBeLessThan(20);
  expect(await engine.read({ sql: "SELECT 1" })).toEqual([[1]]);
});

test("parameters are values, never SQL", async () => {
  expect(await start().read({ sql: "SELECT $name", parameters: { name: "'; DROP TABLE x; --" } })).toEqual([["'; DROP TABLE x; --"]]);
});

test("a statement that fails says why, and harms no other", async () => {
  const engine = start();
  const [failure, sum] = await Promise.allSettled([engine.read({ sql: "SELECT * FROM missing" }), engine.read({ sql: "SELECT 1 + 1" })]);
  expect(failure).toMatchObject({ status: "rejected", reason: { name: "EngineError", isLimit: false } });
  expect(sum).toEqual({ status: "fulfilled", value: [[2]] });
});

test("a statement that its caller gives up ends, while others go on", async () => {
  const engine = start();
  const giveUp = new AbortController();
  const ended = engine.read({ sql: endless }, giveUp.signal).catch((error: EngineError) => error.message);
  expect(await engine.read({ sql: "SELECT 1" })).toEqual([[1]]);
  giveUp.abort();
  expect(await ended).toMatch(/interrupt/i);
  expect(await engine.read({ sql: "SELECT 2" })).toEqual([[2]]);
});

test("a statement that is given up at once ends as well", async () => {
  const engine = start();
  await engine.read({ sql: "SELECT 1" });
  const giveUp = new AbortController();
  const ended = engine.read({ sql: endless }, giveUp.signal).catch((error: EngineError) => error.message);
  giveUp.abort();
  expect(await ended).toMatch(/interrupt/i);
});

test("engines beside each other spill into folders of their own, which end with them", async () => {
  const spilling = "SELECT sum(r)::DOUBLE FROM (SELECT range AS r, hash(range) AS h FROM range(6000000) ORDER BY h)";
  const both = [start(64 * 1024 ** 2), start(64 * 1024 ** 2)];
  const sums = await Promise.all(both.map((engine) => engine.read({ sql: spilling })));
  expect(sums).toEqual([[[17_999_997_000_000]], [[17_999_997_000_000]]]);
  expect(readdirSync(join(folder, "spill"))).toHaveLength(2);
  for (const engine of both) engine.close();
  await vi.waitFor(() => expect(readdirSync(join(folder, "spill"))).toEqual([]), { timeout: 10_000 });
});

test("an engine ends with the process that started it, whatever it does", async () => {
  const code = `
    const { startEngine } = await import(${JSON.stringify(new URL("./engine.ts", import.meta.url).href)});
    const engine = startEngine({ spillDir: ${JSON.stringify(join(folder, "spill"))} });
    await engine.read({ sql: "SELECT 1" });
    engine.read({ sql: ${JSON.stringify(endless)} });
    setTimeout(() => console.log("busy"), 200);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  await once(parent.stdout, "data");
  const [engine] = childrenOf(parent.pid as number);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(isRunning(engine as number)).toBe(false), { timeout: 5_000 });
});

test("a text is read as it is, with a byte order mark at its start and a 0 in it", async () => {
  const engine = start();
  const texts = ["\ufeffdrama", "a\u0000b", "'; --", "\\"];
  expect(await engine.read({ sql: `SELECT unnest([${texts.map(text).join(", ")}])` })).toEqual([texts]);
  expect(await engine.read({ sql: "SELECT $name", parameters: { name: "\ufeffx" } })).toEqual([["\ufeffx"]]);
});

test("a statement that needs more memory and disk than there may be fails alone", async () => {
  const engine = start(16 * 1024 ** 2);
  await engine.read({ sql: "SET max_temp_directory_size = '1MiB'" });
  const error = await engine
    .read({ sql: "SELECT list(range ORDER BY hash(range)) FROM range(20000000)" })
    .catch((failure: EngineError) => failure);
  expect(error).toMatchObject({ name: "EngineError", isLimit: true });
  expect(await engine.read({ sql: "SELECT 3" })).toEqual([[3]]);
});

test("when the process ends, whoever waits is told that another may be asked", async () => {
  const engine = start();
  const waiting = engine.read({ sql: endless }).catch((error: unknown) => error);
  engine.close();
  expect(await waiting).toBeInstanceOf(EngineLostError);
  expect(engine.isAlive).toBe(false);
  await expect(engine.read({ sql: "SELECT 1" })).rejects.toBeInstanceOf(EngineLostError);
});

test("the bins of SQL are those of the product, at every edge that a duration can be near", async () => {
  const longest = 7 * 86_400_000_000;
  const edges: number[] = [0, 1];
  for (let bin = 1; ; bin++) {
    const edge = 1.0100502512562815 ** bin;
    if (edge > longest) break;
    for (let value = Math.floor(edge) - 2; value <= Math.ceil(edge) + 2; value++) edges.push(Math.max(0, value));
  }
  const values = JSON.stringify([...new Set(edges)]);
  const sql = `SELECT v::DOUBLE, ${binSql("v")} FROM (SELECT unnest($values::JSON::BIGINT[]) AS v)`;
  const [found = [], bins = []] = await start().read({ sql, parameters: { values } });
  expect(found.length).toBeGreaterThan(5_000);
  expect(bins).toEqual(found.map((value) => binOf(value as number)));
});
