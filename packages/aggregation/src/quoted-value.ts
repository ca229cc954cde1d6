/** A value in double quotes, in which everything stands for itself, but for a quote, which is written twice. */
export const quotedValue = String.raw`"((?:[^"]|"")*)"`;

/** @param quoted what the group of `quotedValue` took */
export function unquoted(quoted: string): string {
  return quoted.replaceAll('""', '"');
}

/** How to write it, in a sentence for documentation. */
export const quotedValueRule =
  'A value with a sign in it, or a blank at an end, stands in double quotes, a quote inside is written twice: `platform:"and,roid",ios`, `route:"say ""hi"""`.';
