import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { assertNodeVersion } from "./scripts/node-version.ts";
import { isSkipReason, SkippedTestsReporter } from "./scripts/skipped-tests-reporter.ts";

// Here rather than in a global set-up: an older Node does not get as far as that.
assertNodeVersion(process.versions.node);

/** Set by `npm run properties`: every property test of the run starts from this seed and says how many runs it made. */
const propertySeed = process.env["PROPERTY_SEED"];

/** Minutes with large worlds beside SQL, which seldom fail: `npm run worlds` runs them. `npm test` compares many small ones. */
const largeWorlds = process.env["LARGE_WORLDS"] === undefined ? ["e2e/**/movielens*.test.ts", "e2e/sql/simulated-worlds.test.ts"] : [];

/** Files that take minutes, and are begun first: the last to end should not be left to run alone. */
const longest =
  /dynamo-event-store|e2e\/(sql|movielens|supervision|dynamodb|connector)|state-commands|hostile\/|metric-truth|(accumulate-gaps|from-columns|count-facts)\.property/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // A process passes from one shared file to the next only if they follow one another.
    const rank = ({ moduleId, project }: TestSpecification) => (project.config.isolate ? 0 : 2) + (longest.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const include = ["{apps,packages}/*/src/**/*.test.ts", "scripts/**/*.test.ts", "{bench,crash,e2e,hostile,mutants}/**/*.test.ts"];
const exclude = [...configDefaults.exclude, ...largeWorlds];

/**
 * Packages whose test files a process runs one after another, with modules that it loads once. They start no process and no thread, and change
 * nothing that the process has once. To load the modules for each file again took a fifth of their time.
 */
const shared = [
  "packages/{aggregation,anonymization,auth,config,events,exporting,otlp,runtime,simulator,storage,storage-memory,trinity-connector}/**/*.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "separate", include, exclude: [...exclude, ...shared] } },
      { extends: true, test: { name: "shared", include: shared, exclude, isolate: false } },
    ],
    globalSetup: ["scripts/fetch-dynamodb-local.ts"],
    setupFiles: propertySeed === undefined ? [] : ["scripts/property-runs.ts"],
    // Processes rather than threads: better-sqlite3 is native, and tests start worker threads of their own.
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A file that forgets to close what it opened must not hold the run up.
    teardownTimeout: 10_000,
    reporters: ["default", "json", new SkippedTestsReporter()],
    onConsoleLog: (log) => (isSkipReason(log) ? false : undefined),
    outputFile: { json: ".cache/test-results.json" },
  },
});
