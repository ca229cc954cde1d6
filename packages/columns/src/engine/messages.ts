/** What the engine's process and the process that started it send each other. */

/** Values of the named parameters of a statement, `$name`. */
export type Parameters = Readonly<Record<string, string | number>>;

export type Statement = { readonly sql: string; readonly parameters?: Parameters | undefined };

/** Of `readLists` the statement returns two columns: `DOUBLE` and `DOUBLE[]`, none of them null. Its rows are the parts of the answer, a page each. */
export type EngineRequest = Statement & { readonly kind: "read" | "readLists" };

/** A value as SQL returns it. Integers must be cast to a type that JavaScript keeps exactly: `INTEGER` or `DOUBLE`. */
export type SqlValue = string | number | boolean | null | readonly SqlValue[];

/** The rows of a result by column: `columns[i]` has the values of the i-th column in order of row. */
export type ColumnValues = readonly (readonly SqlValue[])[];

/** Numbered lists of numbers. `items` has those of all lists, one after the other. */
export type ListPage = { readonly numbers: Float64Array; readonly lengths: Uint32Array; readonly items: Float64Array };

/** `message`: why the statement failed. */
export type EngineReply = { readonly columns: ColumnValues } | { readonly message: string };
