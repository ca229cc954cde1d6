import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lineOf, type Mutant } from "./mutant-report.ts";

/**
 * A documented number that is changed by hand, because Stryker changes none. `original` is in the file exactly once; `replacements` are tried
 * one after the other.
 */
export type Planted = {
  readonly file: string;
  readonly original: string;
  readonly replacements: readonly string[];
  readonly tests: readonly string[];
};

const ingest = (file: string) => `apps/ingest/src/${file}`;
const api = (file: string) => `apps/api/src/${file}`;
const query = (file: string) => `packages/query/src/${file}`;
const sqlite = (file: string) => `packages/storage-sqlite/src/${file}`;
const http = (file: string) => `packages/http/src/${file}`;

export const planted: readonly Planted[] = [
  {
    file: ingest("append.ts"),
    original: "queuedEventsMax = 50_000",
    replacements: ["queuedEventsMax = 500_000", "queuedEventsMax = 5_000"],
    tests: [ingest("append.test.ts")],
  },
  {
    file: ingest("append.ts"),
    original: "commitEventsMax = 4_000",
    replacements: ["commitEventsMax = 40_000", "commitEventsMax = 400"],
    tests: [ingest("append.test.ts")],
  },
  {
    file: ingest("folding.ts"),
    original: "nearMs = 1_000",
    replacements: ["nearMs = 10_000", "nearMs = 100"],
    tests: [ingest("folding-bounds.test.ts")],
  },
  {
    file: ingest("folding.ts"),
    original: "patienceMs = 500",
    replacements: ["patienceMs = 5_000", "patienceMs = 50"],
    tests: [ingest("folding-bounds.test.ts")],
  },
  {
    file: ingest("folding.ts"),
    original: "readyLagMaxMs = 10_000",
    replacements: ["readyLagMaxMs = 100_000", "readyLagMaxMs = 1_000"],
    tests: [ingest("folding-bounds.test.ts")],
  },
  {
    file: ingest("append-watch.ts"),
    original: "failureCountsForMs = 5_000",
    replacements: ["failureCountsForMs = 50_000", "failureCountsForMs = 500"],
    tests: [ingest("append-watch.test.ts")],
  },
  {
    file: ingest("admission.ts"),
    original: "256 * 1024 * 1024",
    replacements: ["2560 * 1024 * 1024", "25 * 1024 * 1024"],
    tests: [ingest("admission.test.ts")],
  },
  {
    file: ingest("receive.ts"),
    original: "createLimiter(4)",
    replacements: ["createLimiter(40)", "createLimiter(1)"],
    tests: [ingest("receive.test.ts"), ingest("receive-at-once.test.ts")],
  },
  {
    file: ingest("receive.ts"),
    original: "zstdFramesMax = 1_000",
    replacements: ["zstdFramesMax = 10_000", "zstdFramesMax = 100"],
    tests: [ingest("receive.test.ts"), ingest("receive-at-once.test.ts")],
  },
  {
    file: ingest("json-guard.ts"),
    original: "jsonValuesMax = 750_000",
    replacements: ["jsonValuesMax = 7_500_000", "jsonValuesMax = 75_000"],
    tests: [ingest("json-guard.test.ts"), ingest("ingest-app.test.ts")],
  },
  {
    file: ingest("json-protocol.ts"),
    original: "bodyBytesMax = 1024 * 1024",
    replacements: ["bodyBytesMax = 10 * 1024 * 1024", "bodyBytesMax = 100 * 1024"],
    tests: [ingest("ingest-app.test.ts")],
  },
  {
    file: ingest("json-protocol.ts"),
    original: "batchEventsMax = 1_000",
    replacements: ["batchEventsMax = 10_000", "batchEventsMax = 100"],
    tests: [ingest("ingest-app.test.ts")],
  },
  {
    file: ingest("otlp-protocol.ts"),
    original: "otlpBodyBytesMax = 20 * 1024 * 1024",
    replacements: ["otlpBodyBytesMax = 200 * 1024 * 1024", "otlpBodyBytesMax = 2 * 1024 * 1024"],
    tests: [ingest("ingest-app.test.ts")],
  },
  ...(
    [
      ["service: 1_000", "service: 10_000", "service: 100"],
      ["route: 5_000", "route: 50_000", "route: 500"],
      ["system: 200", "system: 2_000", "system: 20"],
      ["platform: 100", "platform: 1_000", "platform: 10"],
      ["deviceType: 100", "deviceType: 1_000", "deviceType: 10"],
      ["locale: 1_000", "locale: 10_000", "locale: 100"],
      ["appVersion: 2_000", "appVersion: 20_000", "appVersion: 200"],
      ["ageBand: 50", "ageBand: 500", "ageBand: 5"],
      ["genre: 1_000", "genre: 10_000", "genre: 100"],
    ] as const
  ).map(([original, ...replacements]) => ({
    file: "packages/events/src/dimension-limits.ts",
    original,
    replacements,
    tests: [ingest("cardinality.test.ts")],
  })),
  {
    file: api("trpc-route.ts"),
    original: "callsMax = 100",
    replacements: ["callsMax = 1_000", "callsMax = 10"],
    tests: [api("trpc-route.test.ts")],
  },
  {
    file: api("api-app.ts"),
    original: "bodyBytesMax = 64 * 1024",
    replacements: ["bodyBytesMax = 640 * 1024", "bodyBytesMax = 6 * 1024"],
    tests: [api("trpc-route.test.ts"), api("hostile-input.test.ts"), api("router.test.ts")],
  },
  {
    file: api("fold-wait.ts"),
    original: "patienceMs = 5_000",
    replacements: ["patienceMs = 50_000", "patienceMs = 500"],
    tests: [api("fold-wait.test.ts")],
  },
  {
    file: api("live-streams.ts"),
    original: "recheckEveryMs = 10_000",
    replacements: ["recheckEveryMs = 100_000", "recheckEveryMs = 1_000"],
    tests: [api("live-streams.test.ts")],
  },
  {
    file: api("filter-text.ts"),
    original: "filterCharsMax = 2_000",
    replacements: ["filterCharsMax = 20_000", "filterCharsMax = 200"],
    tests: [api("filter-text.test.ts"), api("filter-values.test.ts")],
  },
  {
    file: api("filter-text.ts"),
    original: "valuesMax = 50",
    replacements: ["valuesMax = 500", "valuesMax = 5"],
    tests: [api("filter-text.test.ts"), api("filter-values.test.ts")],
  },
  {
    file: query("reads/read-metrics.ts"),
    original: "pointsMax = 1_000_000",
    replacements: ["pointsMax = 10_000_000", "pointsMax = 100_000"],
    tests: [query("kinds/metric.test.ts")],
  },
  {
    file: "packages/verification/src/log-check.ts",
    original: "damagedMax = 100",
    replacements: ["damagedMax = 1_000", "damagedMax = 10"],
    tests: ["packages/verification/src/log-check.test.ts"],
  },
  {
    file: "packages/storage/src/until-available.ts",
    original: "everyMs = 1_000",
    replacements: ["everyMs = 10_000", "everyMs = 100"],
    tests: ["packages/storage/src/until-available.test.ts"],
  },
  {
    file: sqlite("checkpointer.ts"),
    original: "waitingFrames: 1_000, walFramesMax: 16_384",
    replacements: ["waitingFrames: 10_000, walFramesMax: 16_384", "waitingFrames: 1_000, walFramesMax: 163_840"],
    tests: [sqlite("checkpointer.test.ts")],
  },
  {
    file: "packages/store-factory/src/disk-check.ts",
    original: "everyMs = 2_000",
    replacements: ["everyMs = 20_000", "everyMs = 200"],
    tests: ["packages/store-factory/src/disk-check.test.ts"],
  },
  {
    file: "packages/store-factory/src/disk-check.ts",
    original: "256 * 1024",
    replacements: ["2560 * 1024", "25 * 1024"],
    tests: ["packages/store-factory/src/disk-check.test.ts"],
  },
  {
    file: "packages/storage-dynamodb/src/client/retry.ts",
    original: "RetryBudget(1_000, 3)",
    replacements: ["RetryBudget(10_000, 3)", "RetryBudget(100, 3)"],
    tests: ["packages/storage-dynamodb/src/client/retry.test.ts"],
  },
  {
    file: "packages/auth/src/wrong-key-limit.ts",
    original: "wrongMax: 300, windowMs: 60_000, addressesMax: 10_000 ",
    replacements: [
      "wrongMax: 3_000, windowMs: 60_000, addressesMax: 10_000 ",
      "wrongMax: 300, windowMs: 600_000, addressesMax: 10_000 ",
      "wrongMax: 300, windowMs: 60_000, addressesMax: 100_000 ",
    ],
    tests: ["packages/auth/src/wrong-key-limit.test.ts"],
  },
  {
    file: http("health.ts"),
    original: "checkTimeoutMs = 2_000",
    replacements: ["checkTimeoutMs = 20_000", "checkTimeoutMs = 200"],
    tests: [http("health-clean-up.test.ts")],
  },
  {
    file: "apps/worker/src/throttle.ts",
    original: "restMaxMs = 2_000",
    replacements: ["restMaxMs = 20_000", "restMaxMs = 200"],
    tests: ["apps/worker/src/throttle.test.ts"],
  },
  {
    file: "apps/cli/src/restart-policy.ts",
    original: "backoffMaxMs = 30_000",
    replacements: ["backoffMaxMs = 300_000", "backoffMaxMs = 3_000"],
    tests: ["apps/cli/src/restart-policy.test.ts"],
  },
  {
    file: "apps/connector/src/ingest-client.ts",
    original: "baseMs: 200",
    replacements: ["baseMs: 2_000", "baseMs: 20"],
    tests: ["apps/connector/src/ingest-client.test.ts"],
  },
];

/** Plants each in turn in a copy of the tree, whose tests pass before. @returns the outcome of each */
export function mutantsPlanted(copy: string, chosen: readonly Planted[]): readonly Mutant[] {
  if (chosen.length === 0) return [];
  const tests = [...new Set(chosen.flatMap((one) => one.tests))];
  if (statusOf(copy, tests) !== "Survived") throw new Error(`planted: the tests fail before anything is planted: ${tests.join(" ")}`);
  return chosen.flatMap((one) =>
    one.replacements.map((replacement) => {
      process.stderr.write(`${one.file}: ${replacement}\n`);
      return mutantPlanted(copy, one, replacement);
    }),
  );
}

function mutantPlanted(copy: string, { file, original, tests }: Planted, replacement: string): Mutant {
  const path = join(copy, file);
  const source = readFileSync(path, "utf8");
  const [before, ...rest] = source.split(original);
  if (before === undefined || rest.length !== 1) throw new Error(`planted: ${file} does not hold exactly once: ${original}`);
  writeFileSync(path, before + replacement + rest.join(original));
  try {
    const line = before.split("\n").length;
    return { file, line, at: lineOf(source, line), mutator: "Planted", original, replacement, status: statusOf(copy, tests) };
  } finally {
    writeFileSync(path, source);
  }
}

function statusOf(copy: string, tests: readonly string[]): "Killed" | "Survived" | "Timeout" {
  const { status, signal } = spawnSync(join(copy, "node_modules", ".bin", "vitest"), ["run", "--bail=1", "--reporter=dot", ...tests], {
    cwd: copy,
    stdio: "ignore",
    timeout: 300_000,
  });
  if (signal !== null) return "Timeout";
  return status === 0 ? "Survived" : "Killed";
}
