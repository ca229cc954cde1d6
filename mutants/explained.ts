/**
 * A mutant that no test can notice, and why. `at` is the text of the line that it begins on, which is unique in the file: a line number would
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
    file: "apps/ingest/src/json-guard.ts",
    at: "for (let i = 0; i < bytes.length; i++) {",
    original: "i < bytes.length",
    replacement: "i <= bytes.length",
    why: "Behind the end there is no byte, which is no quote, comma or bracket.",
  },
  {
    file: "apps/ingest/src/json-guard.ts",
    at: "for (; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i += 1;",
    original: "i < bytes.length",
    replacement: "i <= bytes.length",
    why: "Behind the end there is no byte, which is no quote: the string ends one further, and so does the loop that goes on from there.",
  },
  {
    file: "packages/verification/src/log-check.ts",
    at: "return text === null ? null : (JSON.parse(text) as LogCheck);",
    original: "text === null",
    replacement: "false",
    why: "JSON.parse reads null as null.",
  },
  {
    file: "packages/storage-sqlite/src/opened-once.ts",
    at: "if (closing !== null) void closeQuietly(() => close(closing.value));",
    original: "closing !== null",
    replacement: "true",
    why: "In reopen: what fails in closing is passed over. In close it is noticed.",
  },
  {
    file: "packages/verification/src/compare-state.ts",
    at: 'const isFrozen = (key: StateRowKey) => frozenBeforeMs > 0 && key.table === "cell" && bucketEnd(key.tier, key.bucketMs) <= frozenBeforeMs;',
    original: 'key.table === "cell"',
    replacement: "true",
    why: "What is no cell has no bucket: its end is NaN, which is not at or before anything. The question is there for the type.",
  },
];
