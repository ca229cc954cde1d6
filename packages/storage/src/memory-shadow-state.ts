import type { EntityWrite } from "@trinity/aggregation/entity";
import { emptyWatermark, type FoldStep } from "@trinity/aggregation/fold";
import { openMemoryStore } from "./memory-event-store.ts";
import { type DerivedState, UnderivableError } from "./replay.ts";
import { entityOfContent, refOfStored, vectorOfContent } from "./state-row.ts";
import type { Beginning, ShadowState } from "./verification-cycle.ts";

/** Second derivations in memory: they last as long as the process. */
export function openMemoryShadowState(): ShadowState {
  let incremental: DerivedState | null = null;
  let fresh: DerivedState | null = null;
  let base: DerivedState | null = null;

  async function begun(beginning: Beginning): Promise<DerivedState> {
    if (beginning === "nothing") return openMemoryStore();
    if (base === null) throw new UnderivableError("there is no base");
    return copyOf(base);
  }

  return {
    incremental: async (beginning) => (incremental ??= await begun(beginning)),
    rebuild: async (beginning) => (fresh ??= await begun(beginning)),
    hasRebuild: async () => fresh !== null,
    promote: async () => {
      incremental = fresh ?? incremental;
      fresh = null;
    },
    discardRebuild: async () => {
      fresh = null;
    },
    saveSnapshot: async () => {
      base = incremental === null ? null : await copyOf(incremental);
    },
  };
}

/** One step from nothing to all that the other holds. */
async function copyOf(derived: DerivedState): Promise<DerivedState> {
  const { watermark, rows } = await derived.scanState(null, Number.POSITIVE_INFINITY);
  const entities: EntityWrite[] = [];
  const cells: FoldStep["cells"][number][] = [];
  const index: FoldStep["index"][number][] = [];
  for (const { key, content } of rows) {
    if (key.table === "entity") {
      const ref = refOfStored(key);
      entities.push({ ...ref, value: entityOfContent(ref.kind, content) });
    } else if (key.table === "index") index.push(key);
    else if (key.table === "cell") cells.push({ ...key, vector: vectorOfContent(content) });
  }
  const copy = openMemoryStore();
  await copy.commitFold({ from: emptyWatermark, to: watermark, foldedAtMs: 0, entities, cells, index });
  return copy;
}
