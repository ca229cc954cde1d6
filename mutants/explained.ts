/** A mutant that no test can notice, and why. Without its line number, so that edits elsewhere in the file do not matter. */
export type Explained = { readonly file: string; readonly original: string; readonly replacement: string; readonly why: string };

export const explained: readonly Explained[] = [];
