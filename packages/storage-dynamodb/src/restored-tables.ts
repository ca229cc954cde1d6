import { DamagedDataError, DamagedStateError } from "@trinity/storage/event-store";
import type { Dynamo } from "./client/dynamo.ts";
import { entryKey } from "./log/entry.ts";
import type { Manifest } from "./state/manifest.ts";

const howToRestore =
  "restore all tables to the same moment and restart every process; or stop every process, delete the tables users, rooms, content, rollups, " +
  "system and state, which are rebuilt from the log, and run: npm run trinity -- tables create";

/** @returns the writer of a chunk's entry, which is unique over all entries; null when the chunk is missing */
export async function writerOfChunk(dynamo: Dynamo, seq: number): Promise<string | null> {
  const item = await dynamo.get("log", "events", entryKey(seq));
  return (item?.writer as string | undefined) ?? null;
}

/**
 * Checks that the log contains the last folded chunk. A log that ends before the watermark must not grow: new chunks would get numbers that are
 * folded already, and would never be counted.
 * @throws {DamagedDataError} when the chunk is missing or another one, because tables were restored to different moments
 */
export async function requireCompleteLog(dynamo: Dynamo, { watermark, foldedWriter }: Manifest): Promise<void> {
  if (watermark.seq === 0) return;
  const writer = await writerOfChunk(dynamo, watermark.seq);
  if (writer === null) throw lacksCommit(watermark.seq, "are counted");
  if (foldedWriter !== undefined && writer !== foldedWriter) throw isAnotherCommit(watermark.seq, "counted");
}

/** @param by why the commit must be there, such as "are counted" */
export function lacksCommit(seq: number, by: string): DamagedDataError {
  return new DamagedDataError(`the table events lacks commit ${seq}, but ${seq} ${by}; ${howToRestore}`);
}

export function isAnotherCommit(seq: number, by: string): DamagedDataError {
  return new DamagedDataError(`commit ${seq} of the table events is not the one that was there when it was ${by}; ${howToRestore}`);
}

/** For a manifest older than one that this process has seen. */
export function olderThanSeen(): DamagedStateError {
  return new DamagedStateError(`the table state was restored to an older moment under this process; ${howToRestore}`);
}

export function olderThanItsPages(cause: unknown): DamagedStateError {
  return new DamagedStateError(`the table state is older than the tables that are made from it; ${howToRestore}`, { cause });
}
