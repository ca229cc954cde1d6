import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { type DerivedState, UnderivableError } from "@trinity/storage/replay";
import type { Beginning, ShadowState } from "@trinity/storage/verification-cycle";
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
 * Second derivations as state files in the data folder, in `verify/`. They hold what `state.db` holds, so what must be erased there must be
 * erased here: all of it may be deleted while nobody holds it, except for the base once the beginning of the log has gone.
 * @throws {StoreUnavailableError} while another process verifies or rebuilds the same data folder
 */
export function openSqliteShadowState(dataDir: string): ShadowState & { close(): Promise<void> } {
  const lock = takeFolderLock(dataDir, "verifier");
  const folder = join(dataDir, "verify");
  const paths = { incremental: join(folder, catalogueName, "kept"), rebuild: join(folder, catalogueName, "fresh") };
  const opened = new Map<keyof typeof paths, DerivedState>();

  async function open(name: keyof typeof paths, beginning: Beginning): Promise<DerivedState> {
    let derived = opened.get(name);
    if (derived === undefined) {
      if (!existsSync(paths[name])) await begin(paths[name], beginning);
      derived = derivedStateOf(openSqliteStore({ dataDir: paths[name], mode: "derivation" }));
      opened.set(name, derived);
    }
    return derived;
  }

  async function begin(path: string, beginning: Beginning): Promise<void> {
    removeOtherCatalogues(folder);
    mkdirSync(join(folder, catalogueName), { recursive: true, mode: 0o700 });
    if (beginning === "base") await beginAtSnapshot(folder, path);
    else mkdirSync(path, { mode: 0o700 });
  }

  async function close(name: keyof typeof paths): Promise<void> {
    await opened.get(name)?.close();
    opened.delete(name);
  }

  return {
    incremental: (beginning) => open("incremental", beginning),
    rebuild: (beginning) => open("rebuild", beginning),
    hasRebuild: async () => existsSync(paths.rebuild),
    promote: async () => {
      await Promise.all([close("incremental"), close("rebuild")]);
      // Killed between the two, the fresh one is found at the next start and takes the place then.
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

/** A derivation whose files are damaged is worth as much as one that is not there. */
function derivedStateOf(store: EventStore): DerivedState {
  const orUnderivable = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      throw new UnderivableError("the derivation is damaged", { cause: error });
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
