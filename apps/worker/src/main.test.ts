import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import Sqlite from "better-sqlite3";
import { expect, test, vi } from "vitest";

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

/** Starts the process as an operator would. */
function start(env: Readonly<Record<string, string>>) {
  const output = { out: "", err: "" };
  const started = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: { PATH: process.env["PATH"], TRINITY_WORKER_PORT: "0", TRINITY_LOG_LEVEL: "silent", ...env },
  });
  started.stdout.on("data", (text) => (output.out += text));
  started.stderr.on("data", (text) => (output.err += text));
  return { process: started, output };
}

test("it waits for the store's files, is ready when they are there, and stops on SIGTERM", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "trinity-worker-"));
  const worker = start({ TRINITY_DATA_DIR: dataDir });
  const url = await vi.waitFor(() => JSON.parse(/^ready (.+)$/m.exec(worker.output.out)?.[1] ?? "").worker as string, { timeout: 45_000 });
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect(await (await fetch(`${url}/metrics`)).text()).not.toMatch(/^trinity_worker_unfolded_chunks /m);

  const writer = openSqliteStore({ dataDir, mode: "readwrite" });
  await writer.append({ receivedAtMs: 1, events: [], rejections: [{ key: null, source: "app", code: "missing_event_id" }] });
  await foldAll(writer, () => 1);
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: 10_000 });
  const metrics = await fetch(`${url}/metrics`);
  expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await metrics.text()).toMatch(/^trinity_worker_unfolded_chunks 0$/m);

  worker.process.kill("SIGTERM");
  expect((await once(worker.process, "exit"))[0]).toBe(0);
  await writer.close();
  await rm(dataDir, { recursive: true });
});

test("a changed cell is found and repaired while it runs, and it stops on SIGTERM", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "trinity-worker-"));
  const writer = openSqliteStore({ dataDir, mode: "readwrite" });
  await writer.append(batchOf([newEvent("a"), newEvent("b")]));
  await foldAll(writer, () => noonMs);
  const worker = start({ TRINITY_DATA_DIR: dataDir, TRINITY_VERIFY_INTERVAL: "1s" });
  await vi.waitFor(async () => expect((await writer.readVerification()).verified).toBeGreaterThan(0), { timeout: 45_000, interval: 100 });

  const { rows } = await writer.scanState(null, 10_000);
  const state = new Sqlite(join(dataDir, "state.db"));
  const oneCell = "(set_id, tier, bucket_ms, value) = (SELECT set_id, tier, bucket_ms, value FROM cell LIMIT 1)";
  state.exec(`UPDATE cell SET vector = x'0063' WHERE ${oneCell}`);
  state.close();
  await vi.waitFor(async () => expect((await writer.readVerification()).repairs).toBe(1), { timeout: 45_000, interval: 100 });
  expect((await writer.scanState(null, 10_000)).rows).toEqual(rows);

  worker.process.kill("SIGTERM");
  expect((await once(worker.process, "exit"))[0]).toBe(0);
  await writer.close();
  await rm(dataDir, { recursive: true });
});

test("wrong variables stop it with a message that names each", async () => {
  const worker = start({ TRINITY_WORKER_PORT: "-1", TRINITY_VERIFY_INTERVAL: "often", OTEL_TRACES_SAMPLER_ARG: "2" });
  expect((await once(worker.process, "exit"))[0]).toBe(2);
  expect(worker.output.err).toContain("TRINITY_WORKER_PORT: ");
  expect(worker.output.err).toContain("TRINITY_VERIFY_INTERVAL: ");
  expect(worker.output.err).toContain("OTEL_TRACES_SAMPLER_ARG: ");
});
