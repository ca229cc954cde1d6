import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { type DerivedState, UnderivableError } from "@trinity/storage/replay";
import type { Beginning, Derivations } from "@trinity/storage/verification-cycle";
import { beginAtBase, keepBase } from "./derivation-base.ts";
import { takeFolderLock } from "./folder-lock.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";

/** What is counted, in short: a derivation that counted other things is no opinion on these. */
const catalogue = createHash("sha256").update(JSON.stringify(measures)).digest("hex").slice(0, 12);
const catalogueName = `catalogue-${catalogue}`;

/**
 * Second derivations as state files in the data folder, in `verify/`. They hold what `state.db` holds, so what must be erased there must be
 * erased here: all of it may be deleted while nobody holds it, except for the base once the beginning of the log has gone.
 * @throws {StoreUnavailableError} while another process verifies or rebuilds the same data folder
 */
export function openSqliteDerivations(dataDir: string): Derivations & { close(): Promise<void> } {
  const lock = takeFolderLock(dataDir, "verifier");
  const folder = join(dataDir, "verify");
  const paths = { kept: join(folder, catalogueName, "kept"), fresh: join(folder, catalogueName, "fresh") };
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
    if (beginning === "base") await beginAtBase(folder, path);
    else mkdirSync(path, { mode: 0o700 });
  }

  async function close(name: keyof typeof paths): Promise<void> {
    await opened.get(name)?.close();
    opened.delete(name);
  }

  return {
    kept: (beginning) => open("kept", beginning),
    fresh: (beginning) => open("fresh", beginning),
    hasFresh: async () => existsSync(paths.fresh),
    promote: async () => {
      await Promise.all([close("kept"), close("fresh")]);
      // Killed between the two, the fresh one is found at the next start and takes the place then.
      rmSync(paths.kept, { recursive: true, force: true });
      renameSync(paths.fresh, paths.kept);
    },
    discardFresh: async () => {
      await close("fresh");
      rmSync(paths.fresh, { recursive: true, force: true });
    },
    keepBase: async () => {
      await close("kept");
      await keepBase(folder, paths.kept);
    },
    close: async () => {
      await Promise.all([close("kept"), close("fresh")]);
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
