/**
 * What is mutated: the files that keep a bound, a timer, a retry, a limit or a clean-up, and the tests that must notice when they no
 * longer do. Globs are relative to the root.
 */
export type Target = {
  readonly name: string;
  readonly files: readonly string[];
  readonly tests: readonly string[];
};

export const targets: readonly Target[] = [
  {
    name: "ingest",
    files: [
      "append",
      "receive",
      "admission",
      "cardinality",
      "json-guard",
      "folding",
      "fold-thread/follow-log",
      "fold-thread/fold-turn",
    ].map((file) => `apps/ingest/src/${file}.ts`),
    tests: ["apps/ingest/src/**/*.test.ts"],
  },
  {
    name: "api",
    files: ["live-streams", "rest-stream", "store-watch", "repeating", "fold-wait"].map((file) => `apps/api/src/${file}.ts`),
    tests: ["apps/api/src/**/*.test.ts"],
  },
  {
    name: "worker",
    files: ["apps/worker/src/verifier.ts", "apps/worker/src/pace.ts"],
    tests: ["apps/worker/src/**/*.test.ts"],
  },
  {
    name: "http and auth",
    files: ["packages/http/src/health.ts", "packages/http/src/listening.ts", "packages/auth/src/wrong-key-limit.ts"],
    tests: ["packages/{http,auth}/src/**/*.test.ts"],
  },
  {
    name: "storage",
    files: ["compare-state", "verification-cycle", "held-lease", "until-available", "chunk-page", "answer-metric"].map(
      (file) => `packages/storage/src/${file}.ts`,
    ),
    tests: ["packages/storage/src/**/*.test.ts"],
  },
  {
    name: "storage-sqlite",
    files: ["checkpointer", "opened-once", "unavailable", "folder-lock", "write-transaction"].map(
      (file) => `packages/storage-sqlite/src/${file}.ts`,
    ),
    tests: ["packages/storage-sqlite/src/**/*.test.ts"],
  },
  {
    name: "storage-dynamodb",
    files: ["retry", "turns", "in-parallel", "dynamo-errors"].map((file) => `packages/storage-dynamodb/src/${file}.ts`),
    tests: ["retry", "turns", "in-parallel", "dynamo-errors", "page-store"].map((file) => `packages/storage-dynamodb/src/${file}.test.ts`),
  },
  {
    name: "connector",
    files: ["backoff", "shard-crew"].map((file) => `apps/connector/src/${file}.ts`),
    tests: ["apps/connector/src/**/*.test.ts"],
  },
];

/** Mutations that change what a person reads, or a type's shape: no bound, timer, retry or clean-up is among them. */
export const excludedMutations = ["StringLiteral", "ObjectLiteral", "ArrayDeclaration", "Regex", "OptionalChaining", "ArrowFunction"];
