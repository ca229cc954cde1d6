/** A column, and the SQL that makes it of a row's JSON. */
export type Column = { readonly name: string; readonly type: string; readonly from: string };

/** What is kept as columns: the events of the log, or its chunks without their events. */
export type LogTable = {
  readonly name: "event" | "chunk";
  readonly columns: readonly Column[];
  /** The structure of a row, as `from_json` takes it. */
  readonly rowShape: object;
  /** The structure that the JSON of an event's properties is read as; it is `said` in the columns. */
  readonly propertyShape?: object;
  /** The first and the last time of a row, in Unix milliseconds: a file of other times is not read. */
  readonly firstMs: string;
  readonly lastMs: string;
  readonly sortOrder: string;
};

/** The times of a chunk. After an import they lie far apart. */
export const timeColumns = ["receivedAtMs", "foldedAtMs"] as const;
export type TimeColumn = (typeof timeColumns)[number];

export function createTable({ columns }: LogTable, name: string): string {
  return `CREATE TABLE ${name} (${columns.map((one) => `"${one.name}" ${one.type}`).join(", ")})`;
}

/** A statement that adds rows to a table. Its parameter `$rows` is their JSON. */
export function insertRows({ columns, rowShape, propertyShape }: LogTable, name: string): string {
  const rows = `SELECT unnest(from_json($rows::JSON, '${JSON.stringify([rowShape])}')) AS row`;
  const said = propertyShape === undefined ? "" : `, from_json(row.event.properties, '${JSON.stringify(propertyShape)}') AS said`;
  return `INSERT INTO ${name} SELECT ${columns.map(({ from }) => from).join(", ")} FROM (SELECT row.*${said} FROM (${rows}))`;
}
