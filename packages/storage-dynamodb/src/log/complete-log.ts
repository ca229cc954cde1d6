import { DamagedDataError, DamagedStateError } from "@trinity/storage/event-store";
import type { Dynamo } from "../client/dynamo.ts";
import { type Manifest, manifestKey, manifestOfItem } from "../state/manifest.ts";
import { entryKey } from "./entry.ts";

const wayOut =
  "restore all tables as they were at one moment and start every process anew, or stop every process, delete the tables users, rooms, content, " +
  "rollups, system and state, and make them anew from the log that is there with: npm run trinity -- tables create";

/** @returns where the state stands, without what its steps hold */
export async function readManifest(dynamo: Dynamo): Promise<Manifest> {
  return manifestOfItem(await dynamo.get("manifest", "state", manifestKey));
}

/** @returns who wrote the entry of a chunk, which no other entry has; null when there is no such chunk */
export async function writerOfChunk(dynamo: Dynamo, seq: number): Promise<string | null> {
  const item = await dynamo.get("log", "events", entryKey(seq));
  return (item?.writer as string | undefined) ?? null;
}

/**
 * What is appended to a log that ends before the watermark takes numbers that are folded already, and would never be counted.
 * @throws {DamagedDataError} when the log does not hold the chunk that the fold ended with: tables were restored to different moments
 */
export async function requireWholeLog(dynamo: Dynamo, { watermark, foldedWriter }: Manifest): Promise<void> {
  if (watermark.seq === 0) return;
  const writer = await writerOfChunk(dynamo, watermark.seq);
  if (writer === null) throw lacksCommit(watermark.seq, "are counted");
  if (foldedWriter !== undefined && writer !== foldedWriter) throw isAnotherCommit(watermark.seq, "counted");
}

/** @param by why the commit must be there, such as "are counted" */
export function lacksCommit(seq: number, by: string): DamagedDataError {
  return new DamagedDataError(`the table events lacks commit ${seq}, but ${seq} ${by}; ${wayOut}`);
}

export function isAnotherCommit(seq: number, by: string): DamagedDataError {
  return new DamagedDataError(`commit ${seq} of the table events is not the one that was there when it was ${by}; ${wayOut}`);
}

/** A process saw a later version of the manifest: its table was restored to an older moment since. */
export function olderThanSeen(): DamagedStateError {
  return new DamagedStateError(`the table state was restored to an older moment under this process; ${wayOut}`);
}

export function olderThanItsPages(cause: unknown): DamagedStateError {
  return new DamagedStateError(`the table state is older than the tables that are made from it; ${wayOut}`, { cause });
}
