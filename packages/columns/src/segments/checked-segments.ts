import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Segment } from "./manifest.ts";

/**
 * Compares each segment with its digest before it is first read. A damaged one is renamed: sealing then makes all segments again from the
 * log, which has all their events.
 */
export class CheckedSegments {
  readonly #segmentsDir: string;
  readonly #checks = new Map<string, Promise<boolean>>();

  constructor(segmentsDir: string) {
    this.#segmentsDir = segmentsDir;
  }

  /** @returns the files of those that cannot be read */
  async broken(segments: readonly Segment[]): Promise<readonly string[]> {
    const checks = segments.map((segment) => {
      const check = this.#checks.get(segment.file) ?? this.#check(segment);
      this.#checks.set(segment.file, check);
      return check;
    });
    const areWhole = await Promise.all(checks);
    const broken = segments.flatMap(({ file }, i) => (areWhole[i] === true ? [] : [file]));
    // What could not be read may be there the next time.
    for (const file of broken) this.#checks.delete(file);
    return broken;
  }

  /** Compares them again, because reading them failed. @returns the files of those that cannot be read */
  async brokenSince(segments: readonly Segment[]): Promise<readonly string[]> {
    for (const { file } of segments) this.#checks.delete(file);
    return this.broken(segments);
  }

  async #check({ file, sha256 }: Segment): Promise<boolean> {
    const path = join(this.#segmentsDir, file);
    const digest = await digestOf(path);
    if (digest === sha256) return true;
    if (digest !== null) await rename(path, `${path}.damaged`).catch(() => {}); // another process has renamed it
    return false;
  }
}

/** @returns null if the file cannot be read */
async function digestOf(path: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    return null;
  }
  return hash.digest("hex");
}
