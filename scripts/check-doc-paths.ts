/** Checks that every path and npm script that the documents name exists: `npm run doc-paths`. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { citedPaths, citedScripts } from "./markdown-citations.ts";
import { treeFiles } from "./tree-files.ts";

type Tree = {
  /** Whether a path relative to the root is a file or folder; the path may be a glob. */
  exists(path: string): boolean;
  readonly scripts: ReadonlySet<string>;
};

/** @returns one line for each citation that leads nowhere, `path:line: why` */
export function deadCitations(path: string, markdown: string, tree: Tree): string[] {
  const folder = posix.dirname(path);
  const paths = citedPaths(markdown)
    .filter(({ text }) => ![posix.join(folder, text), text.replace(/^\/+/, "")].some((candidate) => tree.exists(candidate)))
    .map(({ text, line }) => `${path}:${line}: ${text} does not exist`);
  const scripts = citedScripts(markdown)
    .filter(({ text }) => !tree.scripts.has(text))
    .map(({ text, line }) => `${path}:${line}: npm script ${text} does not exist`);
  return [...paths, ...scripts];
}

function openTree(root: string): Tree {
  const manifests = treeFiles(root, ["package.json", "{apps,packages}/*/package.json"]);
  const scripts = manifests.flatMap((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path), "utf8")) as { scripts?: Record<string, string> };
    return Object.keys(manifest.scripts ?? {});
  });
  return {
    exists: (path) =>
      !path.startsWith("..") && (/[*{]/.test(path) ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path))),
    scripts: new Set(scripts),
  };
}

function main(): void {
  const root = join(import.meta.dirname, "..");
  const tree = openTree(root);
  const documents = treeFiles(root, ["**/*.md"]);
  const dead = documents.flatMap((path) => deadCitations(path, readFileSync(join(root, path), "utf8"), tree));
  for (const citation of dead) console.error(citation);
  console.log(`doc-paths: ${documents.length} documents read, ${dead.length} dead citations`);
  if (dead.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
