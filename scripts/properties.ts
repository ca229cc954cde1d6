/** Runs the tests of the ten properties and prints a table of them: `npm run properties -- --help`. */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatPropertyTable, propertyRows } from "./property-table.ts";
import type { TestResults } from "./test-results.ts";
import { treeFiles } from "./tree-files.ts";

const help = `Runs the tests of the ten properties that must hold for all inputs, and prints a table of them. It takes some minutes.

  npm run properties                  inputs from a new seed, which is printed
  npm run properties -- --seed 7      the same inputs again`;

const root = join(import.meta.dirname, "..");
const outputFile = join(root, ".cache/properties.json");

/** Only files that name a property are loaded: the rest would start up just to skip all their tests. */
function propertyFiles(): string[] {
  return treeFiles(root, ["{apps,packages}/*/src/**/*.test.ts"]).filter((path) =>
    readFileSync(join(root, path), "utf8").includes("Feature: analytics-system, Property"),
  );
}

function runProperties(files: readonly string[], seed: number): TestResults {
  if (files.length === 0) return { success: true, testResults: [] };
  rmSync(outputFile, { force: true });
  const args = ["run", "-t", "Feature: analytics-system, Property \\d+:", "--reporter=json", `--outputFile=${outputFile}`, ...files];
  spawnSync("vitest", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, PROPERTY_SEED: `${seed}` } });
  return JSON.parse(readFileSync(outputFile, "utf8")) as TestResults;
}

function main(): void {
  const { values } = parseArgs({ options: { seed: { type: "string" }, help: { type: "boolean", default: false } } });
  if (values.help) return console.log(help);
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  if (!Number.isSafeInteger(seed)) {
    console.error("--seed takes a whole number");
    process.exitCode = 2;
    return;
  }
  const results = runProperties(propertyFiles(), seed);
  for (const file of results.testResults) if (file.status === "failed") console.error(`${file.name}\n${failureOf(file)}\n`);
  const rows = propertyRows(results);
  console.log(formatPropertyTable(rows));
  console.log(`seed ${seed} (again: npm run properties -- --seed ${seed})`);
  if (!results.success || rows.some((row) => row.outcome === "fail" || row.outcome === "too few runs")) process.exitCode = 1;
}

function failureOf(file: TestResults["testResults"][number]): string {
  const messages = file.assertionResults.flatMap((test) =>
    test.status === "failed" ? [test.fullName, ...(test.failureMessages ?? [])] : [],
  );
  return [file.message, ...messages].filter((text) => text !== "").join("\n");
}

if (import.meta.main) main();
