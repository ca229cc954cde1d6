import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import type { ShadowStart, ShadowState } from "@trinity/storage/shadow-state";
import { type DerivedState, UnderivableError } from "@trinity/storage/shadow-state";
import { takeFolderLock } from "./folder-lock.ts";
import { beginAtSnapshot, saveSnapshot } from "./shadow-snapshot.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";

/**
 * A digest of what is counted: a shadow state that counted something else cannot be compared. Property names and their order are part of it, so
 * they stay as they were first hashed.
 */
const counted = measures.map(({ name, origin, perUser, sets }) => ({ name, origin, byUser: perUser, sets }));
const catalogue = createHash("sha256").update(JSON.stringify(counted)).digest("hex").slice(0, 12);
const catalogueName = `catalogue-${catalogue}`;

/**
 * Shadow states as state files in `verify/` of the data folder. They have the data of `state.db`, so erasure must include them. While no
 * process uses them they may be deleted, except for the snapshot once the beginning of the log is gone.
 * @throws {StoreUnavailableError} while another process verifies or rebuilds the same data folder
 */
export function openSqliteShadowState(dataDir: string): ShadowState & { close(): Promise<void> } {
  const lock = takeFolderLock(dataDir, "verifier");
  const folder = join(dataDir, "verify");
  const paths = { incremental: join(folder, catalogueName, "kept"), rebuild: join(folder, catalogueName, "fresh") };
  const opened = new Map<keyof typeof paths, DerivedState>();

  async function open(name: keyof typeof paths, start: ShadowStart): Promise<DerivedState> {
    let derived = opened.get(name);
    if (derived === undefined) {
      if (!existsSync(paths[name])) await begin(paths[name], start);
      derived = derivedStateOf(openSqliteStore({ dataDir: paths[name], mode: "shadow" }));
      opened.set(name, derived);
    }
    return derived;
  }

  async function begin(path: string, start: ShadowStart): Promise<void> {
    removeOtherCatalogues(folder);
    mkdirSync(join(folder, catalogueName), { recursive: true, mode: 0o700 });
    if (start === "snapshot") await beginAtSnapshot(folder, path);
    else mkdirSync(path, { mode: 0o700 });
  }

  async function close(name: keyof typeof paths): Promise<void> {
    await opened.get(name)?.close();
    opened.delete(name);
  }

  return {
    incremental: (start) => open("incremental", start),
    rebuild: (start) => open("rebuild", start),
    hasRebuild: async () => existsSync(paths.rebuild),
    replaceIncremental: async () => {
      await Promise.all([close("incremental"), close("rebuild")]);
      // If it is killed between the two, the rebuild is found at the next start and replaces the incremental one then.
      rmSync(paths.incremental, { recursive: true, force: true });
      renameSync(paths.rebuild, paths.incremental);
    },
    discardRebuild: async () => {
      await close("rebuild");
      rmSync(paths.rebuild, { recursive: true, force: true });
    },
    saveSnapshot: async () => {
      await close("incremental");
      await saveSnapshot(folder, paths.incremental);
    },
    close: async () => {
      await Promise.all([close("incremental"), close("rebuild")]);
      lock.release();
    },
  };
}

function removeOtherCatalogues(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith("catalogue-") && name !== catalogueName) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Treats a shadow state with damaged files like a missing one. */
function derivedStateOf(store: EventStore): DerivedState {
  const orUnderivable = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      throw new UnderivableError("the shadow state is damaged", { cause: error });
    }
  };
  return {
    readWatermark: () => orUnderivable(store.readWatermark()),
    readEntities: (reads) => orUnderivable(store.readEntities(reads)),
    commitFold: (step) => orUnderivable(store.commitFold(step)),
    scanState: (after, limit) => orUnderivable(store.scanState(after, limit)),
    close: () => store.close(),
  };
}
