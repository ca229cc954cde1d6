/** A mutant that no test can notice, and why. Without its line number, so that edits elsewhere in the file do not matter. */
export type Explained = { readonly file: string; readonly original: string; readonly replacement: string; readonly why: string };

export const explained: readonly Explained[] = [
  {
    file: "apps/cli/src/restart-policy.ts",
    original: "end.readyForMs !== null",
    replacement: "true",
    why: "null >= 60000 is false as well; the comparison with null is there for the type.",
  },
  {
    file: "apps/cli/src/supervise.ts",
    original: "true",
    replacement: "false",
    why: "A signal aborts once.",
  },
  {
    file: "apps/ingest/src/json-guard.ts",
    original: "i < bytes.length",
    replacement: "i <= bytes.length",
    why: "Behind the end there is no byte, which is no quote, comma or bracket.",
  },
  {
    file: "apps/ingest/src/cardinality.ts",
    original: "admitted !== value",
    replacement: "true",
    why: "The copy that is made for nothing is equal.",
  },
  {
    file: "apps/ingest/src/receive.ts",
    original: "bytesMax - inflatedBytes",
    replacement: "bytesMax + inflatedBytes",
    why: "The sum is looked at after each frame, so the answer is the same; only up to twice as many bytes were inflated for it.",
  },
  {
    file: "apps/connector/src/shard-crew.ts",
    original: "running.has(name)",
    replacement: "false",
    why: "The checkpoint of a shard that is being read is not finished, or its children may be read: it is read once for nothing.",
  },
  {
    file: "packages/storage/src/log-check.ts",
    original: "text === null",
    replacement: "false",
    why: "JSON.parse reads null as null.",
  },
  {
    file: "packages/stores/src/disk-check.ts",
    original: "true",
    replacement: "false",
    why: "What becomes of the removal is not looked at.",
  },
  {
    file: "apps/ingest/src/admission.ts",
    original: "announced.delete(request);",
    replacement: ";",
    why: "Fastify calls one of the two hooks for a request: not the one after the answer where its sender has left. It guards against both.",
  },
  {
    file: "apps/ingest/src/fold-thread/follow-log.ts",
    original: "error instanceof DamagedDataError",
    replacement: "false",
    why: "In damageOf: the loop catches what it throws and reports the same. In the loop itself it is noticed.",
  },
  {
    file: "apps/api/src/live-streams.ts",
    original: "true",
    replacement: "false",
    why: "A signal aborts once.",
  },
  {
    file: "apps/api/src/store-watch.ts",
    original: "true",
    replacement: "false",
    why: "A signal aborts once.",
  },
  {
    file: "apps/api/src/store-watch.ts",
    original: "-1",
    replacement: "+1",
    why: "Either of the two numbers makes the state before the first look differ from any other.",
  },
  {
    file: "apps/api/src/store-watch.ts",
    original: "listeners === 1",
    replacement: "true",
    why: "A poll that runs is not started again.",
  },
  {
    file: "packages/storage-sqlite/src/opened-once.ts",
    original: "closing !== null",
    replacement: "true",
    why: "In reopen: what fails in closing is passed over. In close it is noticed.",
  },
];
