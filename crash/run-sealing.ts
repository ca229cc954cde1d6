import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { eventTable } from "@trinity/columns/event-table";
import { openLogColumns } from "@trinity/columns/log-columns";
import { readManifest } from "@trinity/columns/manifest";
import type { Clock } from "@trinity/runtime/clock";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { type SeededChoice, seededChoice } from "@trinity/testing/seeded-random";
import { type Check, check } from "./check.ts";

export type SealingSettings = {
  readonly dataDir: string;
  readonly kills: number;
  readonly seed: number;
  readonly clock: Clock;
  readonly onKill: (kill: number, sealedThrough: number) => void;
};

const eventsAtOnce = 3_000;
/** Every fourth run is left to end: how long it takes says when to kill the next ones. */
const leftToEnd = 4;
const daysBack = 10;
const dayMs = 86_400_000;

/** Kills the process that seals at random moments, and checks after each that every event of the log is read exactly once. */
export async function runSealing({ dataDir, kills, seed, clock, onKill }: SealingSettings): Promise<readonly Check[]> {
  const random = seededChoice(seed);
  const store = openSqliteStore({ dataDir, mode: "readwrite" });
  const segmentsDir = join(dataDir, "segments");
  let [appended, wrong, killed, wholeRunMs] = [0, 0, 0, 0];
  try {
    for (let kill = 1; kill <= kills; kill++) {
      await append(store, kill, random, clock.nowMs());
      appended += eventsAtOnce;
      const isLeft = kill % leftToEnd === 1;
      const startMs = performance.now();
      killed += await sealAndKill(dataDir, isLeft ? null : random.below(wholeRunMs));
      if (isLeft) wholeRunMs = Math.ceil(performance.now() - startMs);
      const { events, distinct } = await countEvents(store, segmentsDir);
      if (events !== appended || distinct !== appended) wrong += 1;
      onKill(kill, readManifest(segmentsDir)?.throughSeq ?? 0);
    }
    await sealAndKill(dataDir, null);
    const { events, distinct } = await countEvents(store, segmentsDir);
    return [
      check("moments at which an event was read twice or not at all", 0, wrong),
      check("events read at the end", appended, events),
      check("different events read at the end", appended, distinct),
      check("chunks sealed at the end", await store.headSeq(), readManifest(segmentsDir)?.throughSeq ?? 0),
      check("some runs of sealing were killed", "yes", killed > 0 ? "yes" : "no"),
    ];
  } finally {
    await store.close();
  }
}

async function append(store: EventStore, batch: number, random: SeededChoice, nowMs: number): Promise<void> {
  const at = () => nowMs - random.below(daysBack) * dayMs;
  await store.append(batchOf(Array.from({ length: eventsAtOnce }, (_, i) => newEvent(`${batch}-${i}`, { timestampMs: at() }))));
  await foldAll(store, () => nowMs);
}

/** @param afterMs null to let it end. @returns 1 if it was killed before it had sealed everything */
async function sealAndKill(dataDir: string, afterMs: number | null): Promise<number> {
  const sealing = fork(new URL("seal-log.ts", import.meta.url), [dataDir], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(sealing, "exit") as Promise<[code: number | null]>;
  await once(sealing, "message");
  if (afterMs !== null) {
    await Promise.race([sleep(afterMs), exited]);
    sealing.kill("SIGKILL");
  }
  const [code] = await exited;
  return code === 0 ? 0 : 1;
}

/** Of the segments and the chunks behind them. */
async function countEvents(store: EventStore, segmentsDir: string): Promise<{ readonly events: number; readonly distinct: number }> {
  const columns = openLogColumns({ store, segmentsDir, tailEventsMax: Number.MAX_SAFE_INTEGER });
  try {
    const { seq: throughSeq } = await store.readWatermark();
    const statement = (rows: string) => ({ sql: `SELECT count(*)::DOUBLE, count(DISTINCT eventId)::DOUBLE FROM ${rows}` });
    const values = await columns.read({ table: eventTable, throughSeq, ranges: [{ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }], statement });
    const [[events], [distinct]] = values as unknown as readonly [readonly [number], readonly [number]];
    return { events, distinct };
  } finally {
    columns.close();
  }
}
