const token = "[\\w!#$%&'*+.^`|~-]+";
const typePattern = new RegExp(`${token}/${token}`, "y");
/** A parameter after its semicolon; it may be empty. Read one by one, so that no header makes the search go back far. */
const parameterPattern = new RegExp(`[ \\t]*;[ \\t]*(?:(${token})(?:=(${token}|"(?:[^"\\\\]|\\\\.)*"))?)?`, "y");
const blankPattern = /[ \t]*$/y;

/** What is US-ASCII is UTF-8 as well. */
const charsets: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii"]);

/**
 * The media type of a request in lower case, by the value of its `Content-Type`. Parameters other than `charset` change nothing.
 * @returns `null` for none, for several, for what is no media type, and for one in another character set than UTF-8
 */
export function mediaTypeOf(contentType: string | undefined): string | null {
  const text = (contentType ?? "").replace(/^[ \t]+/, "");
  typePattern.lastIndex = 0;
  const type = typePattern.exec(text)?.[0];
  if (type === undefined) return null;
  for (let at = type.length; !isBlankFrom(text, at); at = parameterPattern.lastIndex) {
    parameterPattern.lastIndex = at;
    const parameter = parameterPattern.exec(text);
    if (parameter === null) return null;
    const [, name, value = ""] = parameter;
    if (name?.toLowerCase() === "charset" && !charsets.has(unquoted(value).toLowerCase())) return null;
  }
  return type.toLowerCase();
}

function isBlankFrom(text: string, at: number): boolean {
  blankPattern.lastIndex = at;
  return blankPattern.test(text);
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value;
}
