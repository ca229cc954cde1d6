/**
 * The mutated files: those with a bound, a timer, a retry, a limit or a clean-up, and the tests that must notice a fault in it.
 * Globs are relative to the root.
 */
export type Target = {
  readonly name: string;
  readonly files: readonly string[];
  readonly tests: readonly string[];
};

export const targets: readonly Target[] = [
  {
    name: "ingest requests",
    files: ["append", "receive", "admission", "cardinality", "json-guard", "append-watch"].map((file) => `apps/ingest/src/${file}.ts`),
    tests: ["append", "append-watch", "receive", "receive-at-once", "admission", "cardinality", "json-guard"].map(
      (file) => `apps/ingest/src/${file}.test.ts`,
    ),
  },
  {
    name: "ingest fold",
    files: ["folding", "fold-lag", "fold-thread/fold-news", "fold-thread/follow-log", "fold-thread/fold-lease"].map(
      (file) => `apps/ingest/src/${file}.ts`,
    ),
    tests: [
      "apps/ingest/src/{folding-bounds,folding.property,start-folding}.test.ts",
      "apps/ingest/src/fold-lag.test.ts",
      "apps/ingest/src/fold-thread/*.test.ts",
    ],
  },
  {
    name: "api",
    files: ["live-streams", "store-watch", "fold-wait"].map((file) => `apps/api/src/${file}.ts`),
    tests: ["live-streams", "store-watch", "fold-wait"].map((file) => `apps/api/src/${file}.test.ts`),
  },
  {
    name: "api streams",
    files: ["apps/api/src/rest-stream.ts"],
    tests: ["apps/api/src/rest-stream-body.test.ts"],
  },
  {
    name: "worker",
    files: ["verifier", "log-checker", "throttle"].map((file) => `apps/worker/src/${file}.ts`),
    tests: ["verifier", "log-checker", "throttle"].map((file) => `apps/worker/src/${file}.test.ts`),
  },
  {
    name: "cli",
    files: ["restart-policy", "supervise"].map((file) => `apps/cli/src/${file}.ts`),
    tests: ["apps/cli/src/{restart-policy,supervise}*.test.ts"],
  },
  {
    name: "http and auth",
    files: ["packages/http/src/health.ts", "packages/http/src/listening.ts", "packages/auth/src/wrong-key-limit.ts"],
    tests: ["packages/http/src/{health,listening}*.test.ts", "packages/auth/src/wrong-key-limit.test.ts"],
  },
  {
    name: "storage",
    files: ["held-lease", "until-available", "chunk-page"].map((file) => `packages/storage/src/${file}.ts`),
    tests: ["storage-memory/src/held-lease", "storage/src/until-available", "storage/src/chunk-page"].map(
      (file) => `packages/${file}.test.ts`,
    ),
  },
  {
    name: "query",
    files: ["query", "reads/read-metrics"].map((file) => `packages/query/src/${file}.ts`),
    tests: ["query", "kinds/metric", "overflowed-values"].map((file) => `packages/query/src/${file}.test.ts`),
  },
  {
    name: "verification",
    files: ["compare-state", "verification-cycle", "log-check"].map((file) => `packages/verification/src/${file}.ts`),
    tests: ["compare-state", "verification-cycle", "log-check"].map((file) => `packages/verification/src/${file}.test.ts`),
  },
  {
    name: "store-factory",
    files: ["packages/store-factory/src/disk-check.ts"],
    tests: ["packages/store-factory/src/disk-check.test.ts"],
  },
  {
    name: "storage-sqlite",
    files: ["opened-once", "opened-files", "folder-lock", "write-transaction"].map((file) => `packages/storage-sqlite/src/${file}.ts`),
    tests: ["opened-once", "opened-files", "folder-lock", "write-transaction"].map((file) => `packages/storage-sqlite/src/${file}.test.ts`),
  },
  {
    name: "storage-sqlite disk",
    files: ["checkpointer", "unavailable", "log-appender"].map((file) => `packages/storage-sqlite/src/${file}.ts`),
    tests: ["checkpointer", "unavailable", "log-appender"].map((file) => `packages/storage-sqlite/src/${file}.test.ts`),
  },
  {
    name: "storage-sqlite wal",
    files: ["packages/storage-sqlite/src/wal-damage.ts"],
    tests: ["packages/storage-sqlite/src/wal-damage.test.ts"],
  },
  {
    name: "storage-dynamodb",
    files: ["retry", "dynamo-errors"].map((file) => `packages/storage-dynamodb/src/client/${file}.ts`),
    tests: ["retry", "dynamo-errors"].map((file) => `packages/storage-dynamodb/src/client/${file}.test.ts`),
  },
  {
    name: "connector",
    files: ["apps/connector/src/shard-consumers.ts"],
    tests: ["apps/connector/src/shard-consumers.test.ts"],
  },
  {
    name: "runtime",
    files: ["backoff", "limiter", "repeating", "retry", "serial-queue", "sleep"].map((file) => `packages/runtime/src/${file}.ts`),
    tests: ["packages/runtime/src/*.test.ts"],
  },
];

/** Mutations of texts for people and of the shape of types: none affects a bound, timer, retry or clean-up. */
export const excludedMutations = ["StringLiteral", "ObjectLiteral", "ArrayDeclaration", "Regex", "OptionalChaining", "ArrowFunction"];
