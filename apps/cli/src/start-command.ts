import { mkdirSync } from "node:fs";
import { createApiKey } from "@trinity/auth/api-key";
import { type OfferedKey, placeKeys, startupKeys } from "@trinity/auth/startup-keys";
import type { ListenerConfig } from "@trinity/config/listener-config";
import type { StoreConfig } from "@trinity/config/store-config";
import { ingestNodeArgs } from "@trinity/lifecycle/ingest-node-args";
import type { Clock } from "@trinity/runtime/clock";
import type { Random } from "@trinity/runtime/random";
import type { Sleep } from "@trinity/runtime/sleep";
import { type Stores, storesOf } from "@trinity/store-factory/stores";
import { askReadiness, awaitReadiness } from "./await-readiness.ts";
import { startChild } from "./child-process.ts";
import { claimStart } from "./claim-start.ts";
import { fillDemoHistory } from "./demo-history.ts";
import { createEventSender } from "./event-sender.ts";
import { runLiveDemo } from "./live-demo.ts";
import { createLoginLink } from "./login-link.ts";
import { type SupervisedProcess, supervise } from "./supervise.ts";

export type StartSettings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly store: StoreConfig;
  readonly listeners: ListenerConfig;
  readonly demo: boolean;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Random;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly signal: AbortSignal;
};

type Urls = Readonly<Record<string, string>>;
type Environment = StartSettings["env"];
type App = "ingest" | "api" | "worker";

/** The variable of the port behind each URL in a ready line. */
const portVariables = {
  ingest: "TRINITY_INGEST_PORT",
  grpc: "TRINITY_INGEST_GRPC_PORT",
  api: "TRINITY_API_PORT",
  worker: "TRINITY_WORKER_PORT",
} as const;

const stopWithinMs = 9_500;

/** Runs the complete product on this machine until it is asked to stop. @returns the exit code */
export async function startAll(settings: StartSettings): Promise<number> {
  const { env, clock, randomBytes, signal } = settings;
  const keys = startupKeys({ env, nowMs: clock.nowMs(), randomBytes });
  if (!keys.ok) {
    for (const problem of keys.error) sayError(problem);
    return 2;
  }
  const stores = await storesOf(settings.store);
  const claim = await claimStart({ ...settings, claimData: () => stores.claimStart(), say: sayError, signal });
  if (claim === null) return 0;
  try {
    return await startClaimed(settings, stores, keys.value.offered);
  } finally {
    claim.release();
  }
}

async function startClaimed(given: StartSettings, stores: Stores, offered: readonly OfferedKey[]): Promise<number> {
  const { localDir } = stores;
  mkdirSync(localDir, { recursive: true, mode: 0o700 });
  const made = await stores.prepare(given.sleep);
  await placeStartupKeys(stores, offered);
  // Only our own processes know the key of the demo, and only while they live: another start cannot take it away.
  const demoKey = given.demo ? demoKeyOf(given) : null;
  const settings = demoKey === null ? given : { ...given, env: { ...given.env, TRINITY_DEMO_KEY: demoKey } };
  const fleet = createFleet(settings);
  const ingest = fleet.run("ingest", settings.env);
  const ingestUrls = urlsOf(await ingest.ready);
  if (ingestUrls === null) return fleet.ended();
  const ingestUrl = ingestUrls.ingest as string;
  const env = demoKey === null ? settings.env : { ...settings.env, ...ownTelemetry(settings.env, ingestUrl, demoKey) };
  const history = demoKey === null ? null : fillHistory(settings, fleet.signal, { demoKey, ingestUrl, isNew: made.length > 0, localDir });
  // What fails is seen below, when the others have started.
  history?.catch(() => {});
  const [api, worker] = [fleet.run("api", env), fleet.run("worker", env)];
  const [apiUrls, workerUrls] = [urlsOf(await api.ready), urlsOf(await worker.ready)];
  if (apiUrls === null || workerUrls === null) return fleet.ended();
  const urls = { ingest: ingestUrl, api: apiUrls.api as string, worker: workerUrls.worker as string };
  await history;
  if (!(await isReady(urls, settings, fleet.signal))) return fleet.ended();
  const apiUrl = urls.api;
  // In the demo the operator opens the link. Otherwise no line of a log may open the page.
  const page = demoKey === null ? apiUrl : await createLoginLink(stores, { ...settings, apiUrl });
  process.stdout.write(`ready ${page}  ingest ${ingestUrl}  OTLP/gRPC ${ingestUrls.grpc}  API ${apiUrl}/docs\n`);
  if (demoKey !== null) await keepDemoAlive({ ...settings, signal: fleet.signal }, ingestUrl, demoKey);
  return fleet.ended();
}

/** Processes that run together: once one of them cannot run, all are stopped. */
function createFleet({ clock, sleep, random, signal }: StartSettings) {
  const failed = new AbortController();
  const stopping = AbortSignal.any([signal, failed.signal]);
  const processes: SupervisedProcess[] = [];
  return {
    /** Aborted once the processes are asked to stop. */
    signal: stopping,
    run(app: App, env: Environment): SupervisedProcess {
      const started = supervise({
        name: app,
        start: (readyBefore) =>
          startChild(new URL(`../../${app}/src/main.ts`, import.meta.url), app === "ingest" ? ingestNodeArgs : [], {
            ...env,
            ...portsOf(urlsOf(readyBefore)),
          }),
        clock,
        random,
        sleep,
        say: sayError,
        signal: stopping,
        stopWithinMs,
      });
      processes.push(started);
      void started.ended.then((code) => code !== 0 && failed.abort());
      return started;
    },
    /** Resolves once all have ended: with 0, or with the code of the one that cannot run. */
    async ended(): Promise<number> {
      const codes = await Promise.all(processes.map((one) => one.ended));
      return codes.find((code) => code !== 0) ?? 0;
    },
  };
}

/** Waits until all processes can do their work. @returns false when they are asked to stop before */
function isReady(urls: Urls, { clock, sleep }: StartSettings, signal: AbortSignal): Promise<boolean> {
  return awaitReadiness({ urls, ask: askReadiness, clock, sleep, say: sayError, signal });
}

function urlsOf(ready: string | null): Urls | null {
  return ready === null ? null : (JSON.parse(ready) as Urls);
}

/** The variables that restart a process on its old ports: they were printed, and clients use them. */
function portsOf(urls: Urls | null): Environment {
  const ports = Object.entries(urls ?? {}).map(([name, url]) => [portVariables[name as keyof typeof portVariables], url.split(":").at(-1)]);
  return Object.fromEntries(ports) as Environment;
}

function sayError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Makes the keys of the first start, and prints them as shell commands. */
async function placeStartupKeys(stores: Stores, offered: readonly OfferedKey[]): Promise<void> {
  const store = stores.openKeyStore();
  try {
    // Earlier versions left keys of the demo behind.
    for (const name of ["page of npm start", "demo of npm start"]) await store.remove(name);
    await placeKeys(offered, {
      putIfAbsent: (key) => store.putIfAbsent(key),
      show: ({ role, variable, presented }) =>
        void process.stdout.write(`export ${variable}=${presented} # the new ${role} key, shown only now\n`),
    });
  } finally {
    await store.close();
  }
}

/** The settings of the demo's sender. */
function demoKeyOf({ clock, randomBytes }: StartSettings): string {
  return createApiKey({ role: "service", name: "demo", createdAtMs: clock.nowMs(), expiresAtMs: null }, randomBytes).presented;
}

type HistoryPlace = { readonly demoKey: string; readonly ingestUrl: string; readonly isNew: boolean; readonly localDir: string };

/** Sends the made-up history while the other processes start. Ends early when they are stopped. */
async function fillHistory(
  settings: StartSettings,
  signal: AbortSignal,
  { demoKey: key, ingestUrl: url, ...place }: HistoryPlace,
): Promise<void> {
  const { clock, sleep, random } = settings;
  const sender = createEventSender({ url, key, sleep, random, retriesMax: Number.POSITIVE_INFINITY, signal });
  try {
    await fillDemoHistory(place, sender, { clock, say: sayError });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Made-up traffic until the signal. If ingest is away for a while, it gets the delayed events once it is back. */
async function keepDemoAlive({ clock, sleep, random, signal }: StartSettings, url: string, key: string): Promise<void> {
  try {
    const sender = createEventSender({ url, key, sleep, random, retriesMax: Number.POSITIVE_INFINITY, signal });
    await runLiveDemo(sender, { seed: clock.nowMs(), clock, sleep, signal });
  } catch (error) {
    process.stderr.write(`demo traffic ended: ${error instanceof Error ? error.message : "unknown reason"}\n`);
  }
}

/** In the demo our own processes report to us, as Trinity's would. */
function ownTelemetry(env: Environment, url: string, key: string): Record<string, string> {
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT) return {};
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${key}` };
}
