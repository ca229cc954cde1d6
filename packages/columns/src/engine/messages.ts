/** What the engine's process and the process that started it send each other. */

/** Values of the named parameters of a statement, `$name`. */
export type Parameters = Readonly<Record<string, string | number>>;

export type Statement = { readonly sql: string; readonly parameters?: Parameters | undefined };

export type EngineRequest =
  | ({ readonly kind: "read"; readonly id: number } & Statement)
  /** The statement returns two columns: `DOUBLE` and `DOUBLE[]`, none of them null. Its rows are sent a page at a time. */
  | ({ readonly kind: "readLists"; readonly id: number } & Statement)
  /** A page of this statement was taken: another may be sent. */
  | { readonly kind: "taken"; readonly id: number }
  /** Ends the statement with this id, if it still runs. */
  | { readonly kind: "cancel"; readonly id: number };

/** A value as SQL returns it. Integers must be cast to a type that JavaScript keeps exactly: `INTEGER` or `DOUBLE`. */
export type SqlValue = string | number | boolean | null | readonly SqlValue[];

/** The rows of a result by column: `columns[i]` has the values of the i-th column in order of row. */
export type ColumnValues = readonly (readonly SqlValue[])[];

/** Numbered lists of numbers. `items` has those of all lists, one after the other. */
export type ListPage = { readonly numbers: Float64Array; readonly lengths: Uint32Array; readonly items: Float64Array };

/** How many pages may be sent before one is taken. */
export const pagesAhead = 2;

export type EngineReply =
  | { readonly id: number; readonly ok: true; readonly page: ListPage }
  | { readonly id: number; readonly ok: true; readonly columns: ColumnValues }
  | { readonly id: number; readonly ok: false; readonly message: string };
