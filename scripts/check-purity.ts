/** Checks that the arrows between workspaces point one way, that pure packages stay pure and that only `packages/query` makes answers: `npm run purity`. */
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { type ModuleFacts, type ModuleImport, readModuleFacts } from "./module-facts.ts";
import { treeFiles } from "./tree-files.ts";
import {
  answerReads,
  calculatingBuiltins,
  openModules,
  packageArrows,
  purePackages,
  readsForOtherReasons,
  testArrows,
  typeOnlyArrows,
} from "./workspace-arrows.ts";

type SourceFile = {
  readonly path: string;
  readonly kind: "app" | "package";
  readonly workspace: string;
  readonly isTest: boolean;
};

/**
 * @param declares whether the package.json of the file's workspace lists a dependency: npm links every workspace, so an undeclared one would run as well
 * @returns one line for each rule that the module breaks, `path:line: why`; none for a file outside apps/ and packages/
 */
export function purityViolations(path: string, text: string, declares: (dependency: string) => boolean): string[] {
  const file = sourceFileOf(path);
  if (file === null) return [];
  if (file.kind === "package" && packageArrows[file.workspace] === undefined) {
    return [`${path}:1: package ${file.workspace} is not in scripts/workspace-arrows.ts`];
  }
  const facts = readModuleFacts(path, text);
  const problems = [
    ...arrowProblems(file, facts.imports, declares),
    ...(file.isTest ? [] : [...clockProblems(file, facts), ...ioProblems(file, facts), ...answerProblems(file, facts)]),
  ];
  return problems.map(({ line, why }) => `${path}:${line}: ${why}`);
}

type Problem = { readonly line: number; readonly why: string };

function sourceFileOf(path: string): SourceFile | null {
  const [, room, workspace] = /^(apps|packages)\/([^/]+)\//.exec(path) ?? [];
  if (room === undefined || workspace === undefined) return null;
  return { path, kind: room === "apps" ? "app" : "package", workspace, isTest: /\.(test|testing|conformance)\.tsx?$/.test(path) };
}

function arrowProblems(file: SourceFile, imports: readonly ModuleImport[], declares: (dependency: string) => boolean): Problem[] {
  return imports.flatMap(({ specifier, typeOnly, line }) => {
    if (specifier === null) return [];
    if (leavesWorkspace(file, specifier)) return [{ line, why: `${specifier} reaches into another workspace by path` }];
    const target = /^@trinity\/([^/]+)/.exec(specifier)?.[1];
    if (target === undefined || target === file.workspace) return [];
    const arrow = `${file.workspace} -> ${target}`;
    if (typeOnlyArrows.includes(arrow)) return typeOnly ? [] : [{ line, why: `${arrow}: only types may be imported` }];
    if (!mayImport(file, target)) return [{ line, why: `${arrow} is not an arrow of the design` }];
    if (!isOpen(file, specifier)) return [{ line, why: `${specifier} is not open to ${file.workspace}` }];
    return declares(`@trinity/${target}`) ? [] : [{ line, why: `${arrow} is not declared in package.json` }];
  });
}

function mayImport(file: SourceFile, target: string): boolean {
  if (packageArrows[target] === undefined) return false;
  if (file.kind === "app") return true;
  return packageArrows[file.workspace]?.includes(target) === true || (file.isTest && testArrows.includes(target));
}

function isOpen(file: SourceFile, specifier: string): boolean {
  const [, target = "", module = ""] = /^@trinity\/([^/]+)\/?(.*)$/.exec(specifier) ?? [];
  const modules = openModules[target];
  if (modules === undefined) return true;
  return modules.forAll.includes(module) || (modules.forTests.includes(module) && (file.isTest || runsByItself(file)));
}

function leavesWorkspace(file: SourceFile, specifier: string): boolean {
  if (!specifier.startsWith(".")) return false;
  const home = file.path.split("/").slice(0, 2).join("/");
  return !posix.join(posix.dirname(file.path), specifier).startsWith(`${home}/`);
}

/** Scripts and benchmarks run by themselves: nothing of a process imports them. */
const runsByItself = (file: SourceFile) => /\/(scripts|bench)\//.test(file.path);

/** The entry points of processes, threads and Lambda functions. */
const entryPoints: ReadonlySet<string> = new Set(["main.ts", "lambda.ts"]);

/** Everywhere else, time and configuration are arguments. */
function clockProblems(file: SourceFile, facts: ModuleFacts): Problem[] {
  if (entryPoints.has(posix.basename(file.path)) || runsByItself(file)) return [];
  return facts.ambientUses
    .filter(({ name }) => ["Date.now", "new Date()", "process.env"].includes(name))
    .map(({ name, line }) => ({ line, why: `${name} belongs into main.ts: take it as an argument` }));
}

function ioProblems(file: SourceFile, facts: ModuleFacts): Problem[] {
  const allowedBuiltins = file.kind === "package" ? purePackages[file.workspace] : undefined;
  if (allowedBuiltins === undefined || runsByItself(file)) return [];
  const imported = facts.imports
    .filter(({ specifier }) => specifier === null || isForbiddenBuiltin(specifier, allowedBuiltins))
    .map(({ specifier, line }) => ({ line, why: `pure package ${file.workspace} imports ${specifier ?? "a computed path"}` }));
  const used = facts.ambientUses.map(({ name, line }) => ({ line, why: `pure package ${file.workspace} uses ${name}` }));
  return [...imported, ...used];
}

/** Apps ask `packages/query`. A read without cells only checks the store and returns its watermark. */
function answerProblems(file: SourceFile, { memberUses }: ModuleFacts): Problem[] {
  if (file.kind !== "app" || runsByItself(file)) return [];
  const otherReads = readsForOtherReasons[file.path] ?? [];
  return memberUses
    .filter(({ name }) => answerReads.includes(name) && !otherReads.includes(name))
    .filter(({ name, argumentsText }) => name !== "readRollups" || argumentsText !== "[]")
    .map(({ name, line }) => ({ line, why: `${name} reads data for answers: ask packages/query` }));
}

function isForbiddenBuiltin(specifier: string, allowed: readonly string[]): boolean {
  const name = specifier.replace(/^node:/, "");
  const isBuiltin = specifier.startsWith("node:") || builtinModules.includes(name);
  return isBuiltin && !calculatingBuiltins.includes(name) && !allowed.includes(name);
}

/** The names that each workspace's package.json lists, development dependencies included, by the workspace's folder. */
function readDependencies(root: string): Map<string, Set<string>> {
  return new Map(
    treeFiles(root, ["{apps,packages}/*/package.json"]).map((path) => {
      const manifest = JSON.parse(readFileSync(`${root}/${path}`, "utf8")) as Record<string, Record<string, string> | undefined>;
      return [posix.dirname(path), new Set(Object.keys({ ...manifest["dependencies"], ...manifest["devDependencies"] }))];
    }),
  );
}

function main(): void {
  const root = posix.join(import.meta.dirname, "..");
  const paths = treeFiles(root, ["{apps,packages}/*/**/*.{ts,tsx,mts,cts,js,mjs}"]);
  const dependenciesOf = readDependencies(root);
  const violations = paths.flatMap((path) => {
    const declared = dependenciesOf.get(path.split("/").slice(0, 2).join("/"));
    return purityViolations(path, readFileSync(`${root}/${path}`, "utf8"), (dependency) => declared?.has(dependency) === true);
  });
  for (const violation of violations) console.error(violation);
  console.log(`purity: ${paths.length} modules read, ${violations.length} violations`);
  if (paths.length === 0 || violations.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
