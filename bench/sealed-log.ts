import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { startEngine } from "@trinity/columns/engine";
import { readManifest } from "@trinity/columns/manifest";
import { sealNext } from "@trinity/columns/seal";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";

/** `eventsPerSecond` is null for a log that was sealed before. */
export type SealedLog = { readonly segments: number; readonly bytesPerEvent: number; readonly eventsPerSecond: number | null };

/** Seals all of the log of a store on disk, as the worker does. */
export async function sealedLog(dataDir: string): Promise<SealedLog> {
  const segmentsDir = join(dataDir, "segments");
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  const engine = startEngine({ spillDir: join(segmentsDir, "spill") });
  const startMs = performance.now();
  let events = 0;
  try {
    for (let sealed = -1; sealed !== 0; events += sealed) sealed = await sealNext({ store, engine, segmentsDir, nowMs: Date.now() });
  } finally {
    engine.close();
    await store.close();
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const segments = readManifest(segmentsDir)?.segments ?? [];
  const rows = segments.reduce((sum, one) => sum + (one.table === "event" ? one.rows : 0), 0);
  const bytes = segments.reduce((sum, one) => sum + one.bytes, 0);
  return { segments: segments.length, bytesPerEvent: bytes / rows, eventsPerSecond: events === 0 ? null : events / seconds };
}
