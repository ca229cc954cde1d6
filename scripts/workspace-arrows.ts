/** Which package may import which. A package that is not listed may not exist; apps may import every package and no app. */
export const packageArrows: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  events: ["runtime"],
  anonymization: ["events", "runtime"],
  aggregation: ["events", "runtime"],
  prediction: ["aggregation"],
  "alert-rules": ["aggregation"],
  storage: ["events", "aggregation"],
  "storage-memory": ["storage", "aggregation"],
  verification: ["columns", "storage", "storage-memory", "aggregation", "events"],
  // The log as columns, over the port of the log.
  columns: ["storage", "aggregation", "events", "lifecycle", "runtime"],
  query: ["columns", "storage", "verification", "aggregation", "auth", "events", "runtime"],
  // An adapter uses the types of its port.
  "storage-sqlite": ["storage", "aggregation", "events", "runtime"],
  "storage-dynamodb": ["storage", "aggregation", "events", "runtime"],
  // What the configuration names.
  "store-factory": ["runtime", "config", "storage", "storage-sqlite", "storage-dynamodb"],
  cache: [],
  exporting: ["events", "aggregation"],
  notifications: [],
  auth: ["runtime"],
  config: ["runtime"],
  lifecycle: ["runtime"],
  telemetry: [],
  http: [],
  otlp: ["events", "runtime"],
  tracker: ["events"],
  nestjs: ["tracker"],
  simulator: ["events"],
  "trinity-connector": ["events"],
  "dynamodb-local": ["testing"],
  // Helpers of tests, drills and benchmarks.
  testing: ["runtime", "lifecycle", "storage", "query", "aggregation"],
};

/** Type-only imports: no code of the target runs in the importer. */
export const typeOnlyArrows: readonly string[] = ["tracker -> events", "dashboard -> api"];

/** What a test may import besides: simulated traffic, a database or the reference store to run on, and queries and verification to check results with. */
export const testArrows: readonly string[] = ["simulator", "dynamodb-local", "storage-memory", "query", "verification", "testing"];

/** Packages that offer few modules to others, and some to tests and benchmarks only. Of every other package, all exports may be imported. */
export const openModules: Readonly<Record<string, { readonly forAll: readonly string[]; readonly forTests: readonly string[] }>> = {
  query: { forAll: ["answer", "query", "questions"], forTests: ["any-question", "asking"] },
};

/** Reads of the store for answers: only `packages/query` makes answers, so apps may not use them. */
export const answerReads: readonly string[] = [
  "readRollups",
  "readEntities",
  "readParts",
  "scanEntities",
  "readChunks",
  "readChunksInRanges",
  "readChunksOfUser",
];

/** Modules of apps that read the store for another reason than answers, and which reads they may use. */
export const readsForOtherReasons: Readonly<Record<string, readonly string[]>> = {
  // How long the oldest chunk that is not folded has waited.
  "apps/ingest/src/fold-thread/follow-log.ts": ["readChunks"],
};

/** Pure packages: no I/O, no clock, no chance. Each with the built-in modules that it may still use. */
export const purePackages: Readonly<Record<string, readonly string[]>> = {
  events: [],
  anonymization: ["crypto"],
  aggregation: [],
  prediction: [],
  "alert-rules": [],
  exporting: [],
  "trinity-connector": [],
};

/** Built-in modules that only calculate: all others of Node can wait, fail or read a clock. */
export const calculatingBuiltins: readonly string[] = ["assert", "assert/strict", "buffer", "string_decoder", "util", "zlib"];
