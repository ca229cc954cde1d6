/** What the engine's process and the process that started it send each other. */

/** Values of the named parameters of a statement, `$name`. */
export type Parameters = Readonly<Record<string, string | number>>;

export type Statement = { readonly sql: string; readonly parameters?: Parameters | undefined };

export type EngineRequest =
  | ({ readonly kind: "read"; readonly id: number } & Statement)
  /** Ends the statement with this id, if it still runs. */
  | { readonly kind: "cancel"; readonly id: number };

/** A value as SQL returns it. Integers must be cast to a type that JavaScript keeps exactly: `INTEGER` or `DOUBLE`. */
export type SqlValue = string | number | boolean | null | readonly SqlValue[];

/** The rows of a result by column: `columns[i]` has the values of the i-th column in order of row. */
export type ColumnValues = readonly (readonly SqlValue[])[];

export type EngineReply =
  | { readonly id: number; readonly ok: true; readonly columns: ColumnValues }
  | { readonly id: number; readonly ok: false; readonly message: string };
