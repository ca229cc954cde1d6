/**
 * The media type of a request, without parameters that change nothing.
 * @returns `null` for none, for several, and for one in another character set than UTF-8
 */
export function mediaTypeOf(contentType: string | undefined): string | null {
  const match = /^([a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+)(?: *; *charset="?([a-z0-9-]+)"?)? *$/i.exec(contentType ?? "");
  if (match === null) return null;
  const charset = match[2]?.toLowerCase() ?? "utf-8";
  return charset === "utf-8" || charset === "utf8" ? (match[1] as string).toLowerCase() : null;
}
