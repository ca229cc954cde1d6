import { globSync } from "node:fs";
import { basename } from "node:path";

/** Files of runs and of npm: never part of the tree. Keep in step with .gitignore. */
const leftOut = new Set(["node_modules", ".git", ".data", ".turbo", ".cache", "coverage", "dist"]);

/** @returns the files under `root` that match a pattern, as sorted paths relative to it with forward slashes */
export function treeFiles(root: string, patterns: readonly string[]): string[] {
  return globSync([...patterns], { cwd: root, withFileTypes: true, exclude: (entry) => leftOut.has(entry.name) })
    .filter((entry) => entry.isFile() && !basename(entry.name).endsWith(".log"))
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length).replace(/^\/+/, ""))
    .sort();
}
