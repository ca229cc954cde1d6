import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { z } from "zod";
import { timeColumns } from "../log-table.ts";
import { layout } from "../log-tables.ts";

/** The first and the last time of a column. */
const extent = z.tuple([z.int(), z.int()]);

const segment = z.object({
  table: z.enum(["event", "chunk"]),
  /** Below the folder of the segments, such as `event/day=2026-11-29/1-120-5f2c91ab.parquet`. */
  file: z.string(),
  rows: z.int().positive(),
  /** The first and last time of its rows, in Unix milliseconds. */
  firstMs: z.int(),
  lastMs: z.int(),
  bytes: z.int().positive(),
  sha256: z.string(),
  /** Of chunks, by column. Absent in segments of older releases. */
  times: z.record(z.enum(timeColumns), extent).optional(),
});
/** Some rows of one UTC day, as a Parquet file that never changes. */
export type Segment = z.infer<typeof segment>;

const manifest = z.object({
  layout: z.string(),
  /** All chunks through this one are in the segments: each chunk and each event in one. */
  throughSeq: z.int().nonnegative(),
  /** Identifies that chunk and its fold: segments of another log, or of other folds, are not used. Null while nothing is sealed. */
  lastChunk: z.string().nullable(),
  segments: z.array(segment),
  /** Files that are no longer part of it. They stay for a while, for answers that have begun. */
  retired: z.array(z.object({ file: z.string(), atMs: z.int() })),
});
/** Which segments there are, and which chunks of the log they have. */
export type Manifest = z.infer<typeof manifest>;

const signed = z.object({ digest: z.string(), manifest });

const sha256 = (value: string) => createHash("sha256").update(value).digest("hex");
const layoutDigest = sha256(layout);

function digestOf(one: Manifest): string {
  return sha256(JSON.stringify(one));
}

export const emptyManifest: Manifest = { layout: layoutDigest, throughSeq: 0, lastChunk: null, segments: [], retired: [] };

export function manifestPath(segmentsDir: string): string {
  return join(segmentsDir, "manifest.json");
}

/** @returns null if there is none, or none that this release can use: then the segments are made again from the log */
export function readManifest(segmentsDir: string): Manifest | null {
  try {
    return manifestOfBytes(readFileSync(manifestPath(segmentsDir)));
  } catch {
    return null; // no manifest, or none that can be read: sealing makes another, and says why it cannot
  }
}

/** @returns null for bytes that are no manifest, a damaged one, or one of another layout of columns */
export function manifestOfBytes(bytes: Uint8Array): Manifest | null {
  const parsed = signed.safeParse(jsonOf(bytes));
  if (!parsed.success || parsed.data.digest !== digestOf(parsed.data.manifest)) return null;
  return parsed.data.manifest.layout === layoutDigest ? parsed.data.manifest : null;
}

export function manifestBytes(one: Manifest): Uint8Array {
  return Buffer.from(JSON.stringify({ digest: digestOf(one), manifest: one }));
}

/** Replaces the manifest. A crash leaves the one before or this one, and everything it names is on the disk. */
export function writeManifest(segmentsDir: string, next: Manifest): void {
  mkdirSync(segmentsDir, { recursive: true, mode: 0o700 });
  const path = manifestPath(segmentsDir);
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(file, manifestBytes(next));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  syncFile(segmentsDir);
}

/** Puts a file, or the entries of a folder, on the disk. */
function syncFile(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Moves a finished file to its place in the folder of the segments, and puts it on the disk. */
export function placeFile(from: string, to: string): void {
  syncFile(from);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  renameSync(from, to);
  syncFile(dirname(to));
  syncFile(dirname(dirname(to)));
}

/** @returns a text that tells a chunk, as it was folded, from those of other logs */
export function chunkIdentity({ seq, receivedAtMs, events }: LogChunk, foldedAtMs: number): string {
  const ids = events.map(({ eventId }) => eventId);
  return sha256(JSON.stringify([seq, receivedAtMs, foldedAtMs, ids]));
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return null;
  }
}
