/** @returns a text as a literal of SQL */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
