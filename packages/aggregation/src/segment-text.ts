import { type Failed, failed, ok, type Result } from "@trinity/runtime/result";
import { valueProblem } from "./dimension-value.ts";
import { quotedValue, unquoted } from "./quoted-value.ts";
import { type Segment, type UserAttribute, userAttributes } from "./segment.ts";

/** Why a text is no segment, and at which character. */
export type SegmentProblem = { readonly message: string };

/** A part of the text: a sign, or a word that may hold anything but signs and blanks unless it is quoted. */
type Token = { readonly text: string; readonly at: number; readonly isSign: boolean };

const partsMax = 50;
const tokenPattern = new RegExp(String.raw`\s*(?:([&|!(),:])|${quotedValue}|([^\s&|!(),:"]+))`, "gy");

/**
 * Reads a segment as it is written: `platform:android & !(ageBand:18-24 | activityTier:heavy,regular)`. `!` binds closest, then `&`,
 * then `|`; several values of an attribute mean any of them; a value with blanks or signs stands in double quotes, and a quote inside is written twice.
 */
export function parseSegment(text: string): Result<Segment, SegmentProblem> {
  const tokens = tokensOf(text);
  if (!tokens.ok) return tokens;
  if (tokens.value.length > partsMax * 4) return failed({ message: `has more than ${partsMax} parts` });
  const reader = new SegmentReader(tokens.value, text.length);
  const segment = reader.any();
  if (!segment.ok) return segment;
  return reader.isAtEnd ? segment : reader.expected("the end, & or |");
}

function tokensOf(text: string): Result<readonly Token[], SegmentProblem> {
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) return failed({ message: `cannot be read at character ${at + 1}` });
    const [, sign, quoted, word] = match;
    tokens.push({ text: sign ?? (quoted === undefined ? (word as string) : unquoted(quoted)), at: at + 1, isSign: sign !== undefined });
  }
  return ok(tokens);
}

/** Recursive descent: `any` is made of `all`s, which are made of single ones. */
class SegmentReader {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #next = 0;

  constructor(tokens: readonly Token[], length: number) {
    this.#tokens = tokens;
    this.#length = length;
  }

  get isAtEnd(): boolean {
    return this.#next === this.#tokens.length;
  }

  any(): Result<Segment, SegmentProblem> {
    return this.#joined("|", "any", () => this.#joined("&", "all", () => this.#one()));
  }

  expected(what: string): Failed<SegmentProblem> {
    return failed({ message: `expects ${what} at character ${this.#tokens[this.#next]?.at ?? this.#length + 1}` });
  }

  #joined(sign: string, kind: "any" | "all", read: () => Result<Segment, SegmentProblem>): Result<Segment, SegmentProblem> {
    const parts: Segment[] = [];
    do {
      const part = read();
      if (!part.ok) return part;
      parts.push(part.value);
    } while (this.#take(sign));
    return ok(parts.length === 1 ? (parts[0] as Segment) : { kind, of: parts });
  }

  #one(): Result<Segment, SegmentProblem> {
    if (this.#take("!")) {
      const of = this.#one();
      return of.ok ? ok({ kind: "not", of: of.value }) : of;
    }
    if (!this.#take("(")) return this.#attribute();
    const inner = this.any();
    if (!inner.ok) return inner;
    return this.#take(")") ? inner : this.expected("a closing parenthesis");
  }

  #attribute(): Result<Segment, SegmentProblem> {
    const attribute = userAttributes.find((name) => name === this.#peekWord()) as UserAttribute | undefined;
    if (attribute === undefined) return this.expected(`one of ${userAttributes.join(", ")}`);
    this.#next += 1;
    if (!this.#take(":")) return this.expected("a colon");
    const values: string[] = [];
    do {
      const value = this.#peekWord();
      if (value === undefined) return this.expected("a value");
      const problem = valueProblem(attribute, value);
      if (problem !== null) return failed({ message: `${problem}: at character ${this.#tokens[this.#next]?.at}` });
      values.push(value);
      this.#next += 1;
    } while (this.#take(","));
    return ok({ kind: "attribute", attribute, values });
  }

  #peekWord(): string | undefined {
    const token = this.#tokens[this.#next];
    return token === undefined || token.isSign ? undefined : token.text;
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#next];
    if (token === undefined || !token.isSign || token.text !== sign) return false;
    this.#next += 1;
    return true;
  }
}
