/** Plants faults, one at a time, and checks whether a test notices: `npm run mutants -- --help`. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { explained } from "./explained.ts";
import { type Mutant, mutantsOf, mutantTable, type StrykerReport, summariesOf, unexplainedOf, wrongExplanations } from "./mutant-report.ts";
import { mutantsPlanted, planted } from "./planted.ts";
import { excludedMutations, type Target, targets } from "./targets.ts";
import { copyTree } from "./tree-copy.ts";

const help = `Plants faults in the bounds, timers, retries, limits and clean-ups of the product, one at a time, and runs the tests that should notice.

  npm run mutants                        all targets; the whole run takes long
  npm run mutants -- --only cli          one target: ${targets.map(({ name }) => name).join(", ")};
                                         or planted, the numbers that are changed by hand
  npm run mutants -- --file FILE.ts      one file of a target
  --json                                 prints the mutants as JSON

Prints a table, and every fault that no test noticed. Exits 1 unless each of those is explained in mutants/explained.ts.`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    file: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const root = join(import.meta.dirname, "..");
const copy = join(root, ".cache", "mutants");
const reportFile = "mutants.json";

/** @returns the outcomes of the faults of one target */
function mutantsIn({ name, files, tests }: Target): readonly Mutant[] {
  process.stderr.write(`${name}\n`);
  writeFileSync(join(copy, "mutants-vitest.config.ts"), vitestConfig(tests));
  const config = {
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "mutants-vitest.config.ts", related: false },
    mutate: files,
    mutator: { excludedMutations },
    coverageAnalysis: "perTest",
    // Stryker mutates the copy. There is no tsconfig to rewrite: Node runs the files directly.
    inPlace: true,
    tsconfigFile: "none.json",
    checkers: [],
    concurrency: 2,
    timeoutMS: 4_000,
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: reportFile },
    allowEmpty: false,
  };
  writeFileSync(join(copy, "stryker.config.json"), JSON.stringify(config));
  const { status } = spawnSync(join(copy, "node_modules", ".bin", "stryker"), ["run", "stryker.config.json"], {
    cwd: copy,
    stdio: ["ignore", "inherit", "inherit"].map((stream) => (stream === "inherit" ? 2 : "ignore")) as ["ignore", number, number],
  });
  if (status !== 0) throw new Error(`${name}: Stryker ended with ${status}`);
  return mutantsOf(JSON.parse(readFileSync(join(copy, reportFile), "utf8")) as StrykerReport);
}

function vitestConfig(tests: readonly string[]): string {
  return `export default { test: { include: ${JSON.stringify(tests)}, testTimeout: 30000, hookTimeout: 30000 } };\n`;
}

function wantedTargets(): readonly Target[] {
  const { only, file } = values;
  const chosen = targets.filter(({ name, files }) => (only ?? name) === name && (file === undefined || files.includes(file)));
  return file === undefined ? chosen : chosen.map((target) => ({ ...target, files: [file] }));
}

function wantedPlanted() {
  const { only, file } = values;
  return planted.filter((one) => (only ?? "planted") === "planted" && (file ?? one.file) === one.file);
}

function main(): void {
  const wanted = wantedTargets();
  const wantedNumbers = wantedPlanted();
  if (values.help || wanted.length + wantedNumbers.length === 0) {
    process.stdout.write(`${help}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  copyTree(root, copy);
  const generated = wanted.flatMap(mutantsIn);
  const mutants = [...generated, ...mutantsPlanted(copy, wantedNumbers)];
  const unexplained = unexplainedOf(mutants, explained);
  const wrong = wrongExplanations(generated, explained);
  if (values.json) process.stdout.write(`${JSON.stringify({ mutants, unexplained, wrong })}\n`);
  else {
    process.stdout.write(`${mutantTable(summariesOf(mutants, explained))}\n`);
    for (const { file, line, at, original, replacement } of unexplained) {
      process.stdout.write(`\nsurvived: ${file}:${line}: ${at}\n  - ${original}\n  + ${replacement}\n`);
    }
    for (const { file, at, original } of wrong) process.stdout.write(`\nwrong in mutants/explained.ts: ${file}: ${at}\n  - ${original}\n`);
  }
  if (unexplained.length + wrong.length > 0) process.exitCode = 1;
}

main();
