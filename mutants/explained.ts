/**
 * A mutant that no test can notice, and why. `at` is the text of the line that it begins on, which the file holds once: a line number would
 * change with every edit before it.
 */
export type Explained = {
  readonly file: string;
  readonly at: string;
  readonly original: string;
  readonly replacement: string;
  readonly why: string;
};

export const explained: readonly Explained[] = [
  {
    file: "apps/cli/src/restart-policy.ts",
    at: "const isStable = end.readyForMs !== null && end.readyForMs >= stableAfterMs;",
    original: "end.readyForMs !== null",
    replacement: "true",
    why: "null >= 60000 is false as well; the comparison with null is there for the type.",
  },
  {
    file: "apps/cli/src/supervise.ts",
    at: 'signal.addEventListener("abort", stop, { once: true });',
    original: "true",
    replacement: "false",
    why: "A signal aborts once.",
  },
  {
    file: "apps/ingest/src/json-guard.ts",
    at: "for (; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i += 1;",
    original: "i < bytes.length",
    replacement: "i <= bytes.length",
    why: "Behind the end there is no byte, which is no quote, comma or bracket.",
  },
  {
    file: "apps/ingest/src/cardinality.ts",
    at: "if (admitted !== value) changed = { ...(changed ?? record), [name]: admitted };",
    original: "admitted !== value",
    replacement: "true",
    why: "The copy that is made for nothing is equal.",
  },
  {
    file: "apps/ingest/src/receive.ts",
    at: "const { buffer, engine } = await zstdFrame(bytes.subarray(at), { maxOutputLength: Math.max(1, bytesMax - inflatedBytes), info: true });",
    original: "bytesMax - inflatedBytes",
    replacement: "bytesMax + inflatedBytes",
    why: "The sum is looked at after each frame, so the answer is the same; only up to twice as many bytes were inflated for it.",
  },
  {
    file: "apps/connector/src/shard-crew.ts",
    at: "if (running.has(name)) continue;",
    original: "running.has(name)",
    replacement: "false",
    why: "The checkpoint of a shard that is being read is not finished, or its children may be read: it is read once for nothing.",
  },
  {
    file: "packages/storage/src/log-check.ts",
    at: "return text === null ? null : (JSON.parse(text) as LogCheck);",
    original: "text === null",
    replacement: "false",
    why: "JSON.parse reads null as null.",
  },
  {
    file: "packages/stores/src/disk-check.ts",
    at: "await Promise.allSettled([file.close(), calls.rm(path, { force: true })]);",
    original: "true",
    replacement: "false",
    why: "What becomes of the removal is not looked at.",
  },
  {
    file: "apps/ingest/src/admission.ts",
    at: "announced.delete(request);",
    original: "announced.delete(request);",
    replacement: ";",
    why: "Fastify calls one of the two hooks for a request: not the one after the answer where its sender has left. It guards against both.",
  },
  {
    file: "apps/ingest/src/fold-thread/follow-log.ts",
    at: "if (error instanceof DamagedDataError) return error.reason;",
    original: "error instanceof DamagedDataError",
    replacement: "false",
    why: "In damageOf: the loop catches what it throws and reports the same. In the loop itself it is noticed.",
  },
  {
    file: "apps/api/src/live-streams.ts",
    at: 'stream.signal.addEventListener("abort", close, { once: true });',
    original: "true",
    replacement: "false",
    why: "A signal aborts once.",
  },
  {
    file: "apps/api/src/store-watch.ts",
    at: 'signal.addEventListener("abort", giveUp, { once: true });',
    original: "true",
    replacement: "false",
    why: "A signal aborts once.",
  },
  {
    file: "apps/api/src/store-watch.ts",
    at: "let state: StoreState = { headSeq: -1, revision: -1 };",
    original: "-1",
    replacement: "+1",
    why: "Either of the two numbers makes the state before the first look differ from any other.",
  },
  {
    file: "apps/api/src/store-watch.ts",
    at: "if (listeners === 1) poll.start();",
    original: "listeners === 1",
    replacement: "true",
    why: "A poll that runs is not started again.",
  },
  {
    file: "packages/storage-sqlite/src/opened-once.ts",
    at: "if (closing !== null) void closeQuietly(() => close(closing.value));",
    original: "closing !== null",
    replacement: "true",
    why: "In reopen: what fails in closing is passed over. In close it is noticed.",
  },
];
