/** Checks that no name uses a retired word: `npm run words`. The words to use are in docs/glossary.md. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseSync, visitorKeys } from "oxc-parser";
import { retiredWords } from "./retired-words.ts";
import { treeFiles } from "./tree-files.ts";

type Node = { readonly type: string; readonly start: number; readonly name?: unknown } & Readonly<Record<string, unknown>>;

/**
 * @param path of a TypeScript module
 * @returns one line for each retired word in a name of the module, or in its file name, `path:line: why`; each name once
 */
export function wordViolations(path: string, text: string): readonly string[] {
  const problems = new Map<string, string>();
  for (const { name, start } of namesIn(path, text)) {
    const why = problems.has(name) ? null : retiredIn(name);
    if (why !== null) problems.set(name, `${path}:${text.slice(0, start).split("\n").length}: ${name}: ${why}`);
  }
  const why = retiredIn(basename(path).split(".")[0] as string);
  return [...(why === null ? [] : [`${path}:1: ${why}`]), ...problems.values()];
}

/** @returns why a name in camel case or with dashes is refused; `null` when it is not */
function retiredIn(name: string): string | null {
  const words = ` ${name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[^A-Za-z0-9]+/g, " ")
    .trim()
    .toLowerCase()} `;
  const found = retiredWords.find(([retired]) => words.includes(` ${retired} `));
  return found === undefined ? null : `"${found[0]}" is a retired word: say "${found[1]}"`;
}

function namesIn(path: string, text: string): readonly { readonly name: string; readonly start: number }[] {
  const names: { name: string; start: number }[] = [];
  const visit = (node: Node): void => {
    if (node.type.endsWith("Identifier") && typeof node.name === "string") names.push({ name: node.name, start: node.start });
    for (const key of visitorKeys[node.type] ?? []) {
      const value = node[key];
      for (const child of Array.isArray(value) ? value : [value]) if (child !== null && child !== undefined) visit(child as Node);
    }
  };
  visit(parseSync(path, text).program as unknown as Node);
  return names;
}

function main(): void {
  const root = join(import.meta.dirname, "..");
  const paths = treeFiles(root, ["**/*.ts", "**/*.tsx"]);
  const violations = paths.flatMap((path) => wordViolations(path, readFileSync(join(root, path), "utf8")));
  for (const violation of violations) console.error(violation);
  console.log(`words: ${paths.length} modules read, ${violations.length} violations`);
  if (paths.length === 0 || violations.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
