/** A value in double quotes. All characters inside are literal; a double quote is written twice. */
export const quotedValue = String.raw`"((?:[^"]|"")*)"`;

/** @param quoted the text that the group of `quotedValue` captured */
export function unquoted(quoted: string): string {
  return quoted.replaceAll('""', '"');
}

/** How to write it in a filter, for documentation. */
export const quotedValueRule =
  'A value with a comma or a double quote, with a blank at an end, or that begins like a filter must be in double quotes; write a double quote inside as two: `platform:"and,roid",ios`, `route:"say ""hi"""`.';
