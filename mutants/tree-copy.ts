import { cpSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { treeFiles } from "../scripts/tree-files.ts";

/**
 * Copies the tree to a folder in which it can be mutated. Installed packages are linked; links to workspaces lead into the copy, so that a
 * package mutated there is the one that tests of other packages import.
 */
export function copyTree(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const path of treeFiles(root, ["**/*", "**/.*"])) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  linkPackages(join(root, "node_modules"), join(folder, "node_modules"));
}

function linkPackages(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const isScope = entry.isDirectory() && entry.name.startsWith("@");
    if (isScope) linkPackages(source, target);
    else symlinkSync(entry.isSymbolicLink() ? readlinkSync(source) : source, target);
  }
}
