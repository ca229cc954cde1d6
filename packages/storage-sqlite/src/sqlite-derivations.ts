import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { type DerivedState, UnderivableError } from "@trinity/storage/replay";
import type { Derivations } from "@trinity/storage/verification-cycle";
import { takeFolderLock } from "./folder-lock.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";

/** What is counted, in short: a derivation that counted other things is no opinion on these. */
const catalogue = createHash("sha256").update(JSON.stringify(measures)).digest("hex").slice(0, 12);

/**
 * Second derivations as state files in the data folder, in `verify/<catalogue>/`. They hold what `state.db` holds: what must be erased there
 * must be erased here, for which the folder may be deleted at any time when nobody holds it.
 * @throws {StoreUnavailableError} while another process verifies or rebuilds the same data folder
 */
export function openSqliteDerivations(dataDir: string): Derivations & { close(): Promise<void> } {
  const lock = takeFolderLock(dataDir, "verifier");
  const all = join(dataDir, "verify");
  const paths = { kept: join(all, catalogue, "kept"), fresh: join(all, catalogue, "fresh") };
  const opened = new Map<keyof typeof paths, DerivedState>();

  function open(name: keyof typeof paths): DerivedState {
    let derived = opened.get(name);
    if (derived === undefined) {
      mkdirSync(paths[name], { recursive: true, mode: 0o700 });
      derived = derivedStateOf(openSqliteStore({ dataDir: paths[name], mode: "readwrite" }));
      opened.set(name, derived);
    }
    return derived;
  }

  async function remove(name: keyof typeof paths): Promise<void> {
    await opened.get(name)?.close();
    opened.delete(name);
    rmSync(paths[name], { recursive: true, force: true });
  }

  try {
    for (const other of existsSync(all) ? readdirSync(all) : []) {
      if (other !== catalogue) rmSync(join(all, other), { recursive: true, force: true });
    }
  } catch (error) {
    lock.release();
    throw error;
  }

  return {
    kept: async () => open("kept"),
    fresh: async () => open("fresh"),
    hasFresh: async () => existsSync(paths.fresh),
    promote: async () => {
      await opened.get("fresh")?.close();
      opened.delete("fresh");
      // Killed between the two, the fresh one is found at the next start and takes the place then.
      await remove("kept");
      renameSync(paths.fresh, paths.kept);
    },
    discardFresh: () => remove("fresh"),
    close: async () => {
      await Promise.all([...opened.values()].map((derived) => derived.close()));
      lock.release();
    },
  };
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
    readMark: () => orUnderivable(store.readMark()),
    readEntities: (reads) => orUnderivable(store.readEntities(reads)),
    commitFold: (step) => orUnderivable(store.commitFold(step)),
    scanParts: (after, limit) => orUnderivable(store.scanParts(after, limit)),
    close: () => store.close(),
  };
}
