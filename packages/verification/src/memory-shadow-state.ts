import type { EntityWrite } from "@trinity/aggregation/entity";
import { emptyWatermark, type FoldStep } from "@trinity/aggregation/fold";
import type { ShadowStart, ShadowState } from "@trinity/storage/shadow-state";
import { type DerivedState, UnderivableError } from "@trinity/storage/shadow-state";
import { entityOfContent, refOfStored, vectorOfContent } from "@trinity/storage/state-row";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";

/** Shadow states in memory: they last as long as the process. */
export function openMemoryShadowState(): ShadowState {
  let incremental: DerivedState | null = null;
  let rebuild: DerivedState | null = null;
  let snapshot: DerivedState | null = null;

  async function begun(start: ShadowStart): Promise<DerivedState> {
    if (start === "empty") return openMemoryStore();
    if (snapshot === null) throw new UnderivableError("there is no snapshot");
    return copyOf(snapshot);
  }

  return {
    incremental: async (start) => (incremental ??= await begun(start)),
    rebuild: async (start) => (rebuild ??= await begun(start)),
    hasRebuild: async () => rebuild !== null,
    replaceIncremental: async () => {
      incremental = rebuild ?? incremental;
      rebuild = null;
    },
    discardRebuild: async () => {
      rebuild = null;
    },
    saveSnapshot: async () => {
      snapshot = incremental === null ? null : await copyOf(incremental);
    },
  };
}

/** Commits all rows of another state in one step. */
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
