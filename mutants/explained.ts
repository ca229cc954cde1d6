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
];
