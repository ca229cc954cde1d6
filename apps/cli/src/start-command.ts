import { mkdirSync } from "node:fs";
import { createApiKey } from "@trinity/auth/api-key";
import { placeKeys, startupKeys } from "@trinity/auth/startup-keys";
import type { StoreConfig } from "@trinity/config/store-config";
import { type Stores, storesOf } from "@trinity/stores/stores";
import { type Child, StartError, startChild } from "./child-process.ts";
import { fillDemoHistory } from "./demo-history.ts";
import { createEventSender } from "./event-sender.ts";
import { runLiveDemo } from "./live-demo.ts";

export type StartSettings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly store: StoreConfig;
  readonly demo: boolean;
  readonly clock: { nowMs(): number };
  readonly randomBytes: (size: number) => Uint8Array;
  readonly signal: AbortSignal;
};

type Urls = Readonly<Record<string, string>>;

const scriptOf = (app: string) => new URL(`../../${app}/src/main.ts`, import.meta.url);
const stopWithinMs = 9_500;

/** Runs the whole product on this machine until it is told to stop. @returns the exit code */
export async function startAll(settings: StartSettings): Promise<number> {
  const { demo, signal } = settings;
  const stores = await storesOf(settings.store);
  mkdirSync(stores.localDir, { recursive: true, mode: 0o700 });
  const made = await stores.prepare();
  const keys = await prepareKeys(settings, stores);
  if (keys === null) return 2;
  if (demo) await seedHistory(settings, { key: keys.demo, localDir: stores.localDir, isNew: made.length > 0 });

  const ingest = await startChild("ingest", scriptOf("ingest"), settings.env);
  const ingestUrls = JSON.parse(ingest.ready) as Urls;
  const env = demo ? { ...settings.env, ...ownTelemetry(settings.env, ingestUrls.ingest as string, keys.demo) } : settings.env;
  const [api, worker] = await Promise.all([startChild("api", scriptOf("api"), env), startChild("worker", scriptOf("worker"), env)]);
  const children = [ingest, api, worker];
  const apiUrl = (JSON.parse(api.ready) as Urls).api;
  process.stdout.write(
    `ready ${apiUrl}/#key=${keys.page}  ingest ${ingestUrls.ingest}  OTLP/gRPC ${ingestUrls.grpc}  API ${apiUrl}/docs\n`,
  );

  const live = demo ? keepDemoAlive(settings, ingestUrls.ingest as string, keys.demo) : Promise.resolve();
  const code = await Promise.race([aborted(signal).then(() => 0), ...children.map((child) => endedByItself(child, signal))]);
  await Promise.all([live, ...children.map((child) => child.stop(stopWithinMs))]);
  return code;
}

/** Keys for this run: the page's and the demo's replace those of the run before. */
async function prepareKeys({ env, clock, randomBytes }: StartSettings, stores: Stores): Promise<{ page: string; demo: string } | null> {
  const keys = startupKeys({ env, nowMs: clock.nowMs(), randomBytes });
  if ("problems" in keys) {
    for (const problem of keys.problems) process.stderr.write(`${problem}\n`);
    return null;
  }
  const store = stores.openKeyStore();
  try {
    await placeKeys(keys.offered, {
      putIfAbsent: (key) => store.putIfAbsent(key),
      show: ({ role, presented }) => void process.stdout.write(`new ${role} key, shown only now: ${presented}\n`),
    });
    const details = { createdAtMs: clock.nowMs(), expiresAtMs: null };
    const page = createApiKey({ role: "admin", name: "page of npm start", ...details }, randomBytes);
    const demo = createApiKey({ role: "service", name: "demo of npm start", ...details }, randomBytes);
    await store.put(page.record);
    await store.put(demo.record);
    return { page: page.presented, demo: demo.presented };
  } finally {
    await store.close();
  }
}

// History is older than events may be, so it is taken in by an ingest process of its own, before the real one opens its ports.
async function seedHistory(
  { env, clock, signal }: StartSettings,
  { key, ...place }: { readonly key: string; readonly localDir: string; readonly isNew: boolean },
): Promise<void> {
  const seeding = { ...env, TRINITY_MAX_EVENT_AGE: "unlimited", TRINITY_INGEST_PORT: "0", TRINITY_INGEST_GRPC_PORT: "0" };
  const ingest = await startChild("ingest", scriptOf("ingest"), seeding);
  const { ingest: url } = JSON.parse(ingest.ready) as Urls;
  const died = new AbortController();
  void ingest.ended.then((code) => died.abort(new StartError(`ingest ended with ${code} while history was sent`)));
  const sender = createEventSender({ url: url as string, key, signal: AbortSignal.any([signal, died.signal]) });
  await fillDemoHistory(place, sender, clock.nowMs());
  await ingest.stop(60_000);
}

async function keepDemoAlive({ clock, signal }: StartSettings, url: string, key: string): Promise<void> {
  try {
    await runLiveDemo(createEventSender({ url, key, signal }), clock.nowMs(), clock, signal);
  } catch (error) {
    if (!signal.aborted) process.stderr.write(`demo traffic ended: ${error instanceof Error ? error.message : "unknown reason"}\n`);
  }
}

/** In the demo our own processes report to us, as Trinity's would. */
function ownTelemetry(env: StartSettings["env"], url: string, key: string): Record<string, string> {
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT) return {};
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${key}` };
}

function endedByItself(child: Child, signal: AbortSignal): Promise<number> {
  return child.ended.then((code) => {
    if (signal.aborted) return 0; // told to stop together with us
    process.stderr.write(`${child.name} ended with ${code}: stopping\n`);
    return code === 0 ? 1 : code;
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
}
