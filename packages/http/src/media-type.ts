const token = "[\\w!#$%&'*+.^`|~-]+";
const typePattern = new RegExp(`${token}/${token}`, "y");
/** A parameter after its semicolon; it may be empty. Read one by one, to avoid long backtracking. */
const parameterPattern = new RegExp(`[ \\t]*;[ \\t]*(?:(${token})(?:=(${token}|"(?:[^"\\\\]|\\\\.)*")?)?)?`, "y");
const blankPattern = /[ \t]*$/y;

/** US-ASCII is UTF-8 as well. */
const charsets: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii"]);

/**
 * The media type of a request in lower case, by the value of its `Content-Type`. Parameters other than `charset` change nothing.
 * @returns `null` for none, for several, for an invalid media type, and for another character set than UTF-8
 */
export function mediaTypeOf(contentType: string | undefined): string | null {
  const read = readContentType(contentType);
  return read?.charsets.every((charset) => charsets.has(charset)) ? read.type : null;
}

/**
 * The problem of the `charset` of a `Content-Type`: a sentence for the sender, which repeats only registered names.
 * @returns `null` if the charset is not the problem
 */
export function charsetProblem(contentType: string | undefined): string | null {
  const wrong = readContentType(contentType)?.charsets.find((charset) => !charsets.has(charset));
  if (wrong === undefined) return null;
  if (wrong === "") return "The charset of Content-Type has no value: send UTF-8, and name it or none.";
  return `The charset ${isRegistered(wrong) ? wrong : "of Content-Type"} is not read: send UTF-8.`;
}

type ReadContentType = {
  readonly type: string;
  /** In lower case, without quotes, which RFC 9110 (5.6.6) makes optional. Empty for a parameter without a value, which it does not define. */
  readonly charsets: readonly string[];
};

function readContentType(contentType: string | undefined): ReadContentType | null {
  const text = (contentType ?? "").replace(/^[ \t]+/, "");
  typePattern.lastIndex = 0;
  const type = typePattern.exec(text)?.[0];
  if (type === undefined) return null;
  const found: string[] = [];
  for (let at = type.length; !isBlankFrom(text, at); at = parameterPattern.lastIndex) {
    parameterPattern.lastIndex = at;
    const parameter = parameterPattern.exec(text);
    if (parameter === null) return null;
    const [, name, value = ""] = parameter;
    if (name?.toLowerCase() === "charset") found.push(unquoted(value).toLowerCase());
  }
  return { type: type.toLowerCase(), charsets: found };
}

/** Whether it is the name of a registered character set. */
function isRegistered(charset: string): boolean {
  try {
    return new TextDecoder(charset).encoding !== "" && charset.trim() === charset;
  } catch {
    return false;
  }
}

function isBlankFrom(text: string, at: number): boolean {
  blankPattern.lastIndex = at;
  return blankPattern.test(text);
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value;
}
