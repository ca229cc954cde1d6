/** A field of a line: text is guarded and quoted, numbers and truth values stand as they are, nothing is an empty field. */
export type CsvField = string | number | boolean | null | undefined;

/** @returns one record of RFC 4180, with its line end */
export function csvLine(fields: readonly CsvField[]): string {
  return `${fields.map(textOf).join(",")}\r\n`;
}

// The shortest text of a double is read back as that very double.
function textOf(field: CsvField): string {
  if (field === null || field === undefined) return "";
  return typeof field === "string" ? quoted(guarded(field)) : String(field);
}

/**
 * Keeps a spreadsheet from taking text for a formula: what could begin one gets an apostrophe in front. So does what begins with an
 * apostrophe, so that one apostrophe taken off gives the text back.
 */
function guarded(text: string): string {
  return /^[=+\-@\t\r\n']/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
