import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

// Starting a process takes long on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

/** Starts the process as an operator would. */
function start(env: Readonly<Record<string, string>>) {
  const output = { out: "", err: "" };
  const started = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: { PATH: process.env["PATH"], TRINITY_CONNECTOR_PORT: "0", TRINITY_LOG_LEVEL: "silent", ...env },
  });
  started.stdout.on("data", (text) => (output.out += text));
  started.stderr.on("data", (text) => (output.err += text));
  return { process: started, output };
}

test("while the tables cannot be reached it keeps running, is not ready, and stops on SIGTERM", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "trinity-connector-"));
  const connector = start({
    TRINITY_DATA_DIR: dataDir,
    TRINITY_INGEST_KEY: "a-key-of-a-test-0000",
    TRINITY_SOURCE_ENDPOINT: "http://127.0.0.1:9",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
  const url = await vi.waitFor(() => JSON.parse(/^ready (.+)$/m.exec(connector.output.out)?.[1] ?? "").connector as string, {
    timeout: 45_000,
  });
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  const readiness = await fetch(`${url}/readyz`);
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toMatchObject({ checks: { source: { ok: false }, ingest: { ok: true }, leases: { ok: true } } });
  expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^trinity_connector_shards_reading 0$/m);
  connector.process.kill("SIGTERM");
  expect((await once(connector.process, "exit"))[0]).toBe(0);
  await rm(dataDir, { recursive: true });
});

test("wrong variables stop it with a message that names each", async () => {
  const connector = start({ TRINITY_CONNECTOR_PORT: "-1", TRINITY_SOURCE_TABLES: "trinity rooms" });
  expect((await once(connector.process, "exit"))[0]).toBe(2);
  for (const name of ["TRINITY_CONNECTOR_PORT", "TRINITY_SOURCE_TABLES", "TRINITY_INGEST_KEY"]) {
    expect(connector.output.err).toContain(`${name}: `);
  }
});
