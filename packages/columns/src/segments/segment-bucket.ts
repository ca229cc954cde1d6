import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { createLimiter } from "@trinity/runtime/limiter";
import { StoreTakenError, StoreUnavailableError } from "@trinity/storage/event-store";
import {
  emptyManifest,
  type Manifest,
  manifestBytes,
  manifestOfBytes,
  placeFile,
  readManifest,
  type Segment,
  writeManifest,
} from "./manifest.ts";
import { keptAfterMs, removeUnlisted } from "./unlisted.ts";

export type BucketSettings = {
  readonly bucket: string;
  /** What the keys of all objects begin with, such as `trinity-analytics-segments/`. */
  readonly prefix: string;
  readonly region: string;
  /** Of another store than S3, such as MinIO; its credentials are those of the environment, as for S3. */
  readonly endpoint?: string | undefined;
};

/**
 * Segments in an S3-compatible bucket, which machines share: one of them seals into a folder and publishes it, the others make a folder of their
 * own the same. The objects are the files of the folder, by the same names.
 */
export type SegmentBucket = {
  /**
   * Makes a folder have the segments of the bucket: all, if the bucket has any that this release can use.
   * @throws {StoreUnavailableError}
   */
  pull(segmentsDir: string, nowMs: number): Promise<void>;
  /**
   * Makes the bucket have the segments of a folder: files first, the manifest last. So a crash leaves the segments of before or these. Objects
   * that neither of the two names are deleted after a while.
   * @throws {StoreUnavailableError} also when another process published meanwhile
   */
  publish(segmentsDir: string, nowMs: number): Promise<void>;
  close(): void;
};

const manifestName = "manifest.json";
const objectsAtOnce = 4;

export function openSegmentBucket({ bucket, prefix, region, endpoint }: BucketSettings): SegmentBucket {
  const client = new S3Client({
    region,
    // Other stores than S3 may not know the checksums that S3 can check; segments have a digest of their own.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
  const objects = createLimiter(objectsAtOnce);
  /** Of the manifest that was pulled last, by folder. */
  const pulled = new Map<string, string>();

  async function get(name: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | null> {
    try {
      const { Body, ETag = "" } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: prefix + name }));
      return Body === undefined ? null : { bytes: await Body.transformToByteArray(), etag: ETag };
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === "NoSuchKey") return null;
      throw error;
    }
  }

  async function put(name: string, bytes: Uint8Array): Promise<void> {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + name, Body: bytes }));
  }

  /** @throws {StoreTakenError} when it is no longer the one with this tag ("" for none) */
  async function replaceManifest(manifest: Manifest, etag: string): Promise<void> {
    const condition = etag === "" ? { IfNoneMatch: "*" } : { IfMatch: etag };
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + manifestName, Body: manifestBytes(manifest), ...condition }));
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412)
        throw new StoreTakenError("another process published segments meanwhile");
      throw error;
    }
  }

  async function published(): Promise<{ readonly manifest: Manifest; readonly etag: string }> {
    const found = await get(manifestName);
    return { manifest: (found && manifestOfBytes(found.bytes)) ?? emptyManifest, etag: found?.etag ?? "" };
  }

  async function pull(segmentsDir: string, nowMs: number): Promise<void> {
    const { manifest, etag } = await published();
    if (pulled.get(segmentsDir) === etag && readManifest(segmentsDir) !== null) return;
    const missing = manifest.segments.filter((segment) => !isThere(segmentsDir, segment));
    const fetchSegment = async ({ file, bytes }: Segment) => {
      const found = await get(file);
      // It was merged and deleted meanwhile: the next pull sees the manifest that says so.
      if (found?.bytes.length !== bytes) throw new StoreUnavailableError("a segment is missing in the bucket, or not whole");
      const path = join(segmentsDir, file);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.${process.pid}.new`, found.bytes, { mode: 0o600 });
      placeFile(`${path}.${process.pid}.new`, path);
    };
    await Promise.all(missing.map((segment) => objects(() => fetchSegment(segment))));
    writeManifest(segmentsDir, manifest);
    removeUnlisted(segmentsDir, manifest, nowMs);
    pulled.set(segmentsDir, etag);
  }

  async function publish(segmentsDir: string, nowMs: number): Promise<void> {
    const before = await published();
    const manifest = readManifest(segmentsDir) ?? emptyManifest;
    if (isDeepStrictEqual(manifest, before.manifest)) return;
    const there = new Set(before.manifest.segments.map(({ file }) => file));
    const isNew = ({ file }: Segment) => !there.has(file);
    await Promise.all(manifest.segments.filter(isNew).map(({ file }) => objects(() => put(file, readFileSync(join(segmentsDir, file))))));
    await replaceManifest(manifest, before.etag);
    await deleteUnlisted(manifest, nowMs);
    pulled.delete(segmentsDir);
  }

  /** Those of segments that were merged, and of a publication that did not end. Readers may still fetch the newer ones. */
  async function deleteUnlisted({ segments, retired }: Manifest, nowMs: number): Promise<void> {
    const listed = new Set([...segments, ...retired].map(({ file }) => file));
    for (let after: string | undefined; ; ) {
      const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: after }));
      const found = page.Contents ?? [];
      for (const { Key = "", LastModified } of found) {
        const isOld = (LastModified?.getTime() ?? nowMs) + keptAfterMs < nowMs;
        const name = Key.slice(prefix.length);
        if (name.endsWith(".parquet") && !listed.has(name) && isOld) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      }
      after = found.at(-1)?.Key;
      if (page.IsTruncated !== true || after === undefined) return;
    }
  }

  return {
    pull: (segmentsDir, nowMs) => pull(segmentsDir, nowMs).catch(unavailable),
    publish: (segmentsDir, nowMs) => publish(segmentsDir, nowMs).catch(unavailable),
    close: () => client.destroy(),
  };
}

function isThere(segmentsDir: string, { file, bytes }: Segment): boolean {
  const path = join(segmentsDir, file);
  return existsSync(path) && statSync(path).size === bytes;
}

function unavailable(error: unknown): never {
  if (error instanceof StoreUnavailableError) throw error;
  // The message of the library may name the bucket and its endpoint; its name says what was wrong.
  throw new StoreUnavailableError(`the bucket of the segments cannot be used now: ${(error as Error).name}`, { cause: error });
}
