import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./manifest.ts";

/** Longer than any answer runs that may still read a retired file. */
export const keptAfterMs = 10 * 60_000;

/** Removes files that no manifest names: those of a step that did not end. */
export function removeUnlisted(segmentsDir: string, { segments, retired }: Manifest, nowMs: number): void {
  if (!existsSync(segmentsDir)) return;
  const listed = new Set([...segments, ...retired].map(({ file }) => file));
  const isUnlisted = (file: string) => file.endsWith(".parquet") && !listed.has(file);
  for (const file of readdirSync(segmentsDir, { recursive: true, encoding: "utf8" }).filter(isUnlisted)) {
    const path = join(segmentsDir, file);
    if (statSync(path).mtimeMs + keptAfterMs < nowMs) rmSync(path, { force: true });
  }
}
