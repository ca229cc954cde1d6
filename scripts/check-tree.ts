/** Checks that no file ties the tree to one machine or one package registry: `npm run tree`. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { treeFiles } from "./tree-files.ts";

type Rule = { readonly pattern: RegExp; readonly why: string };

const rules: readonly Rule[] = [
  { pattern: /(?<![\w.~/-])\/(?:home|Users|work|root|mnt)\/[\w.-]+/, why: "names a path of one machine" },
  { pattern: /\b[A-Za-z]:\\+(?:Users|Documents)\b/, why: "names a path of one machine" },
  { pattern: /\bfile:\/\/\/[\w.]/, why: "names a path of one machine" },
  {
    pattern: /\bregistry\.[\w-]+\.[a-z]{2,}\b|\bnpm\.pkg\.\w+|\bregistry["']?\s*[=:]\s*["']?(?:https?:)?\/\/|--registry[= ]/i,
    why: "names a package registry",
  },
  { pattern: /_auth(?:Token)?\s*=/, why: "holds a registry credential" },
];
const lockRule: Rule = { pattern: /"resolved":\s*"(?:\w+\+)?(?:https?|git|ssh|file):/, why: "pins a download address" };

/** @returns one line for each rule that a line of the file breaks, `path:line: why` */
export function treeViolations(path: string, text: string): string[] {
  const applied = basename(path) === "package-lock.json" ? [...rules, lockRule] : rules;
  const lines = text.split("\n");
  return applied.flatMap(({ pattern, why }) =>
    lines.flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${why}`] : [])),
  );
}

const isBinary = (bytes: Buffer) => bytes.subarray(0, 8_000).includes(0);

function main(): void {
  const root = join(import.meta.dirname, "..");
  const paths = treeFiles(root, ["**/*", "**/.*", ".ci/**"]);
  const violations = paths.flatMap((path) => {
    const bytes = readFileSync(join(root, path));
    return isBinary(bytes) ? [] : treeViolations(path, bytes.toString("utf8"));
  });
  for (const violation of violations) console.error(violation);
  console.log(`tree: ${paths.length} files read, ${violations.length} violations`);
  if (paths.length === 0 || violations.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
