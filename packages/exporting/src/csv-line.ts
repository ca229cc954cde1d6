/** A field of a line: text is guarded and quoted, numbers and booleans are unchanged, null is an empty field. */
export type CsvField = string | number | boolean | null | undefined;

/** @returns one record of RFC 4180, with its line end */
export function csvLine(fields: readonly CsvField[]): string {
  return `${fields.map(textOf).join(",")}\r\n`;
}

// The shortest text of a double parses back to the same double.
function textOf(field: CsvField): string {
  if (field === null || field === undefined) return "";
  return typeof field === "string" ? quoted(guarded(field)) : String(field);
}

/**
 * Prevents a spreadsheet from reading text as a formula: text that could begin one gets an apostrophe in front. So does text that begins
 * with an apostrophe, so that removing one apostrophe restores the text.
 */
function guarded(text: string): string {
  return /^[=+\-@\t\r\n']/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
