import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStoreConfig } from "@trinity/config/store-config";
import { unwrap } from "@trinity/runtime/result";
import { storesOf } from "@trinity/store-factory/stores";
import { killTree } from "@trinity/testing/process-tree";
import { isRunning, type ProductApp, productPids } from "@trinity/testing/product-pids";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

/** `npm start` when its processes, or it itself, are killed: real processes, as an operator starts them. */
const apps: readonly ProductApp[] = ["ingest", "api", "worker"];

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const patience = { timeout: 110_000, interval: 50 };

const dataDir = mkdtempSync(join(tmpdir(), "trinity-supervision-"));
const keys = { TRINITY_INGEST_KEY: randomBytes(16).toString("hex"), TRINITY_ADMIN_KEY: randomBytes(16).toString("hex") };
const anyPorts = { TRINITY_INGEST_PORT: "0", TRINITY_INGEST_GRPC_PORT: "0", TRINITY_API_PORT: "0", TRINITY_WORKER_PORT: "0" };

type Product = {
  readonly parent: ChildProcess;
  readonly ingestUrl: string;
  readonly apiUrl: string;
  readonly grpcPort: string;
  /** The standard error so far. */
  said(): string;
};

const started: ChildProcess[] = [];

/** Starts the product. Its output is collected in `output`. */
function spawnProduct(variables: Readonly<Record<string, string>>) {
  const parent = spawn(process.execPath, [join(import.meta.dirname, "../apps/cli/src/main.ts"), "start"], {
    env: { PATH: process.env["PATH"], TRINITY_DATA_DIR: dataDir, TRINITY_DEMO: "false", TRINITY_LOG_LEVEL: "warn", ...keys, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(parent);
  const output = { out: "", err: "" };
  parent.stdout.setEncoding("utf8").on("data", (text: string) => (output.out += text));
  parent.stderr.setEncoding("utf8").on("data", (text: string) => (output.err += text));
  return { parent, output };
}

async function startProduct(variables: Readonly<Record<string, string>>): Promise<Product> {
  const { parent, output } = spawnProduct(variables);
  const [, apiUrl = "", ingestUrl = "", grpcPort = ""] = await vi.waitUntil(
    () => /^ready (http:\/\/[\d.:]+).* ingest (http:\/\/[\d.:]+) .*gRPC [\d.]+:(\d+)/m.exec(output.out) ?? ended(parent, output.err),
    patience,
  );
  expect(output.out).not.toMatch(/#|login|tk_/); // without the demo no line of a log opens the page
  return { parent, ingestUrl, apiUrl, grpcPort, said: () => output.err };
}

function ended(parent: ChildProcess, why: string): undefined {
  if (parent.exitCode !== null) throw new Error(`the product ended with ${parent.exitCode}: ${why}`);
}

const pidsOf = ({ parent }: Product) => productPids(parent.pid as number);

let acknowledged = 0;

/** Sends one event until it is acknowledged. */
async function send({ ingestUrl }: Product): Promise<void> {
  const event = { eventId: randomUUID(), eventType: "user_login", timestamp: Date.now(), userId: "u", properties: { method: "email" } };
  const request = {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": keys.TRINITY_INGEST_KEY },
    body: JSON.stringify({ events: [event] }),
  };
  await vi.waitUntil(async () => (await fetch(`${ingestUrl}/v1/events`, request).catch(() => null))?.status === 202, patience);
  acknowledged += 1;
}

async function total({ apiUrl }: Product): Promise<unknown> {
  const url = `${apiUrl}/api/v1/metrics/events?from=2020-01-01&to=2100-01-01&granularity=total&fresh=true`;
  const answer = await fetch(url, { headers: { "x-api-key": keys.TRINITY_ADMIN_KEY } });
  return ((await answer.json()) as { readonly totals?: readonly { readonly value: number }[] }).totals?.[0]?.value;
}

let product: Product;

beforeAll(async () => {
  product = await startProduct(anyPorts);
});
afterAll(async () => {
  await Promise.all(started.map(killTree));
  rmSync(dataDir, { recursive: true, force: true });
});

describe("npm start", () => {
  test.each(apps)("restarts %s on its old ports when it is killed, reports it, and keeps acknowledged events", async (app) => {
    await send(product);
    const before = pidsOf(product);
    process.kill(before[app] as number, "SIGKILL");
    await vi.waitUntil(() => product.said().includes(`${app} is ready again`), patience);
    expect(product.said()).toMatch(
      new RegExp(`^${app} was ended by SIGKILL: it is started again in \\d\\.\\d s\n${app} is ready again$`, "m"),
    );
    expect(pidsOf(product)).toEqual({ ...before, [app]: expect.any(Number) });
    await send(product);
    await expect.poll(() => total(product), patience).toBe(acknowledged);
  });

  test("leaves no process behind when it is killed, and the next start has its ports and all acknowledged events", async () => {
    await send(product);
    const pids = Object.values(pidsOf(product));
    expect(pids).toHaveLength(apps.length);
    product.parent.kill("SIGKILL");
    await vi.waitUntil(() => !pids.some(isRunning), patience);
    product = await startProduct({
      TRINITY_INGEST_PORT: new URL(product.ingestUrl).port,
      TRINITY_INGEST_GRPC_PORT: product.grpcPort,
      TRINITY_API_PORT: new URL(product.apiUrl).port,
      TRINITY_WORKER_PORT: "0",
    });
    await send(product);
    await expect.poll(() => total(product), patience).toBe(acknowledged);
  });

  test("stops within ten seconds of SIGTERM while a process waits to be started again", async () => {
    const pids = Object.values(pidsOf(product));
    process.kill(pidsOf(product).api as number, "SIGKILL");
    await vi.waitUntil(() => product.said().includes("it is started again"), patience);
    const askedAtMs = performance.now();
    product.parent.kill("SIGTERM");
    await vi.waitUntil(() => product.parent.exitCode !== null, patience);
    expect(product.parent.exitCode).toBe(0);
    expect(performance.now() - askedAtMs).toBeLessThan(10_000);
    expect(pids.some(isRunning)).toBe(false);
    expect(product.said()).not.toContain("is ready again");
  });
});

/** The stored keys. */
async function keptKeys(): Promise<readonly unknown[]> {
  const keys = (await storesOf(unwrap(parseStoreConfig({ TRINITY_DATA_DIR: dataDir })))).openKeyStore();
  return keys.list().finally(() => keys.close());
}

test("a second start on the same data names what is taken and ends; it changes no key and does not affect the first", async () => {
  if (product.parent.exitCode !== null) product = await startProduct(anyPorts);
  const before = await keptKeys();
  await expect(startProduct({ ...anyPorts, TRINITY_DEMO: "true" })).rejects.toThrow(
    /ended with 1: waiting up to .*\nTRINITY_DATA_DIR: another npm start.*Stop it, or name another folder\n$/,
  );
  expect(await keptKeys()).toEqual(before);
  await send(product);
  await expect.poll(() => total(product), patience).toBe(acknowledged);
});

test("a start whose ports are taken names each of them, and makes no key", async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "trinity-ports-"));
  const taken = { TRINITY_INGEST_PORT: new URL(product.ingestUrl).port, TRINITY_API_PORT: new URL(product.apiUrl).port };
  const noKeys = { TRINITY_INGEST_KEY: "", TRINITY_ADMIN_KEY: "" };
  await expect(startProduct({ ...anyPorts, ...noKeys, ...taken, TRINITY_DATA_DIR: elsewhere })).rejects.toThrow(
    /TRINITY_INGEST_PORT: port \d+ of .* is in use\. .*\nTRINITY_API_PORT: port \d+ of .* is in use\. /,
  );
  expect(readdirSync(elsewhere).filter((name) => name.endsWith(".db"))).toEqual([]);
  rmSync(elsewhere, { recursive: true });
});

test("a start whose data cannot be opened names each process, the file and the reason, and is ready once it can be opened", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trinity-not-ready-"));
  const variables = { ...anyPorts, TRINITY_DATA_DIR: folder };
  const first = await startProduct(variables);
  await send(first);
  first.parent.kill("SIGTERM");
  await vi.waitUntil(() => first.parent.exitCode !== null, patience);
  renameSync(join(folder, "state.db"), join(folder, "kept.db"));
  mkdirSync(join(folder, "state.db"), { mode: 0o700 });
  const { parent, output } = spawnProduct(variables);
  for (const app of apps) {
    const line = new RegExp(`^waiting: ${app} is not ready: .*state\\.db is a folder, not a file \\(EISDIR\\)`, "m");
    await vi.waitUntil(() => line.test(output.err) || ended(parent, output.err), patience);
  }
  expect(output.out).not.toMatch(/^ready /m);
  rmdirSync(join(folder, "state.db"));
  renameSync(join(folder, "kept.db"), join(folder, "state.db"));
  await vi.waitUntil(() => /^ready /m.test(output.out) || ended(parent, output.err), patience);
  parent.kill("SIGTERM");
  await vi.waitUntil(() => parent.exitCode !== null, patience);
  expect(parent.exitCode).toBe(0);
  rmSync(folder, { recursive: true });
});

test("a wrong variable of one process stops the product with its code", async () => {
  await expect(startProduct({ ...anyPorts, TRINITY_DATA_DIR: join(dataDir, "other"), TRINITY_VERIFY_INTERVAL: "never" })).rejects.toThrow(
    /ended with 2: TRINITY_VERIFY_INTERVAL: .*\nworker ended with code 2 before it was ready: its configuration is wrong/,
  );
});
