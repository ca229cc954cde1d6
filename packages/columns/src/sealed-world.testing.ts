import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { startEngine } from "./engine/engine.ts";
import { type LogColumns, openLogColumns } from "./log-columns.ts";
import { sealNext } from "./segments/seal.ts";

/** So few that most worlds are read in several parts. */
const partRows = 10;

type Fold = { readonly chunks: readonly LogChunk[]; readonly foldedAtMs: number };

/** Stores and their columns, which share one engine. */
export type SealedWorlds = {
  /** @returns a store after these folds, and its columns: sealed after some folds, not after others */
  open(folds: readonly Fold[], isSealedAfter: readonly boolean[]): Promise<{ readonly store: EventStore; readonly columns: LogColumns }>;
  close(): void;
};

/** @param openStore opens an empty store */
export function createSealedWorlds(openStore: () => EventStore): SealedWorlds {
  const folder = mkdtempSync(join(tmpdir(), "trinity-sealed-"));
  const engine = startEngine({ spillDir: join(folder, "spill") });
  let worlds = 0;

  async function open(folds: readonly Fold[], isSealedAfter: readonly boolean[]) {
    const store = openStore();
    const segmentsDir = join(folder, String(++worlds));
    for (const [i, { chunks, foldedAtMs }] of folds.entries()) {
      for (const { receivedAtMs, events } of chunks) {
        const keyed = events.map((event) => ({ key: Buffer.from(event.eventId.padEnd(16)), event }));
        await store.append({ receivedAtMs, rejections: [], events: keyed });
      }
      await foldAll(store, () => foldedAtMs);
      if (isSealedAfter[i] === true) await sealNext({ store, engine, segmentsDir, nowMs: foldedAtMs });
    }
    return { store, columns: openLogColumns({ store, segmentsDir, start: () => engine, partRows }) };
  }

  return {
    open,
    close() {
      engine.close();
      rmSync(folder, { recursive: true });
    },
  };
}
