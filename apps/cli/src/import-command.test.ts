import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timerSleep } from "@trinity/runtime/sleep";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { importFile } from "./import-command.ts";

/** The size limit of one request to ingest. */
const bodyBytesMax = 1024 * 1024;

let folder: string;
let server: Server;
let url: string;
let bodies: string[];
let out: string;
let err: string;

/** An ingest process that rejects events without a type, and every request that is too large. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "trinity-import-"));
  [bodies, out, err] = [[], "", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => (out += text) !== "");
  vi.spyOn(process.stderr, "write").mockImplementation((text) => (err += text) !== "");
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      bodies.push(body);
      const { events } = JSON.parse(body) as { events: { eventId: string; eventType?: string }[] };
      const rejected = events.flatMap(({ eventId, eventType }, index) =>
        eventType === undefined ? [{ index, eventId, code: "unknown_type", path: "/eventType", message: "there is no such type" }] : [],
      );
      response.writeHead(body.length > bodyBytesMax ? 413 : 202);
      response.end(JSON.stringify({ accepted: events.length - rejected.length, duplicates: 0, rejected }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function run(text: string, settings: { batch?: number; json?: boolean } = {}): Promise<number> {
  const path = join(folder, "events.jsonl");
  writeFileSync(path, text);
  const { signal } = new AbortController();
  return importFile({
    path,
    format: "jsonl",
    mapping: new Map(),
    url,
    key: "k",
    batch: 500,
    concurrency: 2,
    json: false,
    sleep: timerSleep,
    random: () => 0,
    signal,
    ...settings,
  });
}

const line = (eventId: string, more = {}) => `${JSON.stringify({ eventId, eventType: "user_login", ...more })}\n`;

test("a rejected event is shown with its line, its id and the problem; empty lines count", async () => {
  expect(await run(`${line("a")}\n${line("b", { eventType: undefined })}`, { batch: 1 })).toBe(1);
  expect(out).toBe(
    "1 accepted, 0 duplicates, 1 rejected\n  unknown_type: 1\n  line 3, eventId b: unknown_type at /eventType: there is no such type\n",
  );
});

test("of very many rejected events the first twenty lines are shown, and the rest counted", async () => {
  const lines = Array.from({ length: 100 }, (_, i) => line(`e${i}`, { eventType: undefined })).join("");
  expect(await run(lines, { batch: 7 })).toBe(1);
  const shown = [...out.matchAll(/^ {2}line (\d+),/gm)].map(([, number]) => Number(number));
  expect(shown).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(out).toContain("  and 80 more\n");
});

test("a file that fails half way is sent up to there; the message says how many events were sent, where it ended and the remedy", async () => {
  const good = Array.from({ length: 25 }, (_, i) => line(`e${i}`)).join("");
  expect(await run(`${good}{"eventId":\n${line("after")}`, { batch: 10 })).toBe(1);
  expect(out).toBe("25 accepted, 0 duplicates, 0 rejected\n");
  expect(err).toMatch(
    /events\.jsonl: line 26 is not valid JSON: .*\n25 events of the file were sent before it ended there\. Import the file again/,
  );
  expect(bodies.join("")).not.toContain("after");
});

test("large events are sent in requests that ingest accepts, and one that it never accepts is named by its line", async () => {
  const large = line("l", { padding: "x".repeat(300_000) });
  expect(await run(large.repeat(8))).toBe(0);
  expect(out).toContain("8 accepted");
  expect(bodies.map((body) => body.length <= bodyBytesMax)).toEqual(bodies.map(() => true));
  expect(await run(`${line("a")}${line("b", { padding: "x".repeat(bodyBytesMax) })}`)).toBe(1);
  expect(err).toMatch(/line 2(: the event)? is l(ong|arg)er than 1 MiB/);
});

test("the JSON output has the same numbers, and the reason why it ended", async () => {
  expect(await run(`${line("a")}[]\n`, { json: true })).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    accepted: 1,
    rejected: 0,
    firstRejected: [],
    endedBy: expect.stringContaining("line 2 is a list"),
  });
});

test("a missing file is a usage error, and nothing is sent", async () => {
  const { signal } = new AbortController();
  const path = join(folder, "none.jsonl");
  expect(
    await importFile({
      path,
      format: "jsonl",
      mapping: new Map(),
      url,
      key: "k",
      batch: 5,
      concurrency: 1,
      json: false,
      sleep: timerSleep,
      random: () => 0,
      signal,
    }),
  ).toBe(2);
  expect([err, bodies]).toEqual([`${path}: there is no such file: check the path\n`, []]);
});
