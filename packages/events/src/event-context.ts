import type { EventSource, ReportedContext } from "./event.ts";
import type { EventProblem } from "./event-rejection.ts";
import { isShortText } from "./short-text.ts";

/** The maximum length of each text of `context`, in characters. Keys that are not here are dropped. */
export const contextCharactersMax = {
  platform: 64,
  deviceType: 64,
  appVersion: 64,
  locale: 64,
  ageBand: 64,
  userAgent: 1024,
  ipAddress: 64,
} as const satisfies Record<keyof ReportedContext, number>;

/** The same for `source`. */
export const sourceCharactersMax = { system: 64, generation: 64, component: 64 } as const satisfies Record<keyof EventSource, number>;

/** The source of an event that names none. */
const unknownSource: EventSource = { system: "unknown" };

export type Known<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: EventProblem };

const noContext: Known<ReportedContext> = { ok: true, value: {} };
const noSource: Known<EventSource> = { ok: true, value: unknownSource };

/** Reads `context` of a candidate; absent, null and empty values are omitted. */
export function parseContext(context: unknown): Known<ReportedContext> {
  return context === undefined || context === null ? noContext : parseTexts("context", context, contextCharactersMax);
}

/** Reads `source` of a candidate. */
export function parseSource(source: unknown): Known<EventSource> {
  if (source === undefined || source === null) return noSource;
  const texts = parseTexts("source", source, sourceCharactersMax);
  if (!texts.ok || texts.value.system !== undefined) return texts as Known<EventSource>;
  return { ok: true, value: { ...texts.value, ...unknownSource } };
}

function parseTexts<Name extends string>(
  path: string,
  candidate: unknown,
  charactersMax: Readonly<Record<Name, number>>,
): Known<{ [N in Name]?: string }> {
  if (typeof candidate !== "object" || candidate === null || Array.isArray(candidate)) {
    return { ok: false, problem: { code: "invalid_field", path, message: "must be an object" } };
  }
  const texts: { [N in Name]?: string } = {};
  for (const name in charactersMax) {
    const text = (candidate as Record<string, unknown>)[name];
    if (text === undefined || text === null || text === "") continue;
    if (!isShortText(text, charactersMax[name])) return { ok: false, problem: textProblem(`${path}.${name}`, charactersMax[name]) };
    texts[name] = text;
  }
  return { ok: true, value: texts };
}

function textProblem(path: string, charactersMax: number): EventProblem {
  return { code: "invalid_field", path, message: `must be a string of at most ${charactersMax} characters without control characters` };
}
