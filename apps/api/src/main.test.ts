import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { killTree } from "@trinity/testing/process-tree";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { appendAndFold, storedEvent } from "./api-app.testing.ts";

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const adminKey = "an-admin-key-of-the-operator";
let dataDir: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "trinity-api-"));
});
afterEach(async () => {
  if (child !== undefined) await killTree(child);
  await rm(dataDir, { recursive: true });
});

/** Starts the process as an operator would. */
function start(env: Readonly<Record<string, string>>) {
  const output = { out: "", err: "" };
  const started = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: { PATH: process.env["PATH"], TRINITY_DATA_DIR: dataDir, TRINITY_API_PORT: "0", TRINITY_LOG_LEVEL: "silent", ...env },
  });
  child = started;
  started.stdout.on("data", (text) => (output.out += text));
  started.stderr.on("data", (text) => (output.err += text));
  const ready = () =>
    vi.waitFor(
      () => {
        const line = output.out.split("\n").find((one) => one.startsWith("ready "));
        if (line === undefined) throw new Error(`not ready: ${output.out}${output.err}`);
        return JSON.parse(line.slice("ready ".length)).api as string;
      },
      { timeout: 45_000 },
    );
  return { process: started, output, ready };
}

const votes = (url: string) =>
  fetch(`${url}/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&granularity=total`, { headers: { "x-api-key": adminKey } });

test("it starts before there is anything to read, recovers when the files appear, and stops on SIGTERM with a stream open", async () => {
  const api = start({ TRINITY_ADMIN_KEY: adminKey, TRINITY_INGEST_KEY: "an-ingest-key-of-the-operator" });
  const url = await api.ready();
  expect(api.output.out).not.toContain("shown only now");
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect((await votes(url)).status).toBe(503);

  const writer = openSqliteStore({ dataDir, mode: "readwrite" });
  await appendAndFold(writer, [storedEvent()]);
  await vi.waitFor(async () => expect((await votes(url)).status).toBe(200), { timeout: 5_000 });
  const answer = (await (await votes(url)).json()) as { totals: readonly { value: number }[] };
  expect(answer.totals[0]?.value).toBe(1);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);

  const stream = await fetch(`${url}/api/v1/live/events`, { headers: { "x-api-key": adminKey } });
  api.process.kill("SIGTERM");
  const [code] = await once(api.process, "exit");
  expect(code).toBe(0);
  expect(await stream.text()).toContain("retry:");
  await writer.close();
});

test("keys are made on the first start only, and shown once", async () => {
  const first = start({});
  const url = await first.ready();
  const key = /new admin key, shown only now: (tk_\S+)/.exec(first.output.out)?.[1] ?? "";
  expect((await fetch(`${url}/api/v1/metrics`, { headers: { "x-api-key": key } })).status).toBe(200);
  first.process.kill("SIGTERM");
  await once(first.process, "exit");

  const second = start({});
  expect((await fetch(`${await second.ready()}/api/v1/metrics`, { headers: { "x-api-key": key } })).status).toBe(200);
  expect(second.output.out).not.toContain("shown only now");
});

test("wrong variables stop it with a message that names each, and leave nothing behind", async () => {
  const { process: started, output } = start({ TRINITY_API_PORT: "many", TRINITY_LOG_LEVEL: "loud" });
  const [code] = await once(started, "exit");
  expect(code).toBe(2);
  expect(output.err).toContain("TRINITY_API_PORT: ");
  expect(output.err).toContain("TRINITY_LOG_LEVEL: ");
  expect(await readdir(dataDir)).toEqual([]);
});
