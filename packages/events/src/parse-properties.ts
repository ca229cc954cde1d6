import type { z } from "zod";
import { qualifyContentId } from "./content-id.ts";
import type { EventDefinition } from "./define-event.ts";
import type { Properties, PropertyValue } from "./event.ts";
import { type EventProblem, pathOf } from "./event-rejection.ts";
import { listItemsMax } from "./property-types.ts";
import { ruleOfIssue } from "./schema-rule.ts";

export type ParsedProperties =
  | { readonly ok: true; readonly properties: Properties; readonly dropped: number }
  | { readonly ok: false; readonly problem: EventProblem };

// Names with which a sender could reach a prototype: rejected even if other unknown names are dropped.
const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Checks `properties` of a candidate against its event type and qualifies its title. Stops at the first problem. */
export function parseProperties(definition: EventDefinition, candidate: unknown): ParsedProperties {
  if (candidate === undefined) return parseListed(definition, {}, 0);
  if (typeof candidate !== "object" || candidate === null || Array.isArray(candidate)) {
    return refused("invalid_field", "properties", "must be an object");
  }
  let dropped = 0;
  // Not for...in, which would also visit inherited names.
  for (const name of Object.keys(candidate)) {
    if (!definition.propertyNames.has(name)) {
      if (!definition.additive || forbiddenNames.has(name)) {
        return refused("unknown_property", pathOf(["properties", name]), `is no property of ${definition.eventType}`);
      }
      dropped += 1;
      continue;
    }
    const value = (candidate as Record<string, unknown>)[name];
    // Before the schema, which walks a list to its end.
    if (Array.isArray(value) && value.length > listItemsMax) {
      return refused("invalid_property", pathOf(["properties", name]), `must have at most ${listItemsMax} items`);
    }
  }
  return parseListed(definition, candidate, dropped);
}

function parseListed(definition: EventDefinition, candidate: object, dropped: number): ParsedProperties {
  const parsed = definition.properties.safeParse(candidate);
  if (!parsed.success) return { ok: false, problem: problemOf(parsed.error.issues[0], candidate) };
  // A test of the catalogue restricts every schema to the values of PropertyValue.
  const properties = parsed.data as Record<string, PropertyValue>;
  return qualifyTitle(properties) ? { ok: true, properties, dropped } : refused("invalid_property", "properties.contentId", titleRule);
}

const titleRule = "must name a title: movie:<id> or tv:<id>, or a number together with mediaType";

/** Changes `properties`, which the schema has just made. */
function qualifyTitle(properties: Record<string, PropertyValue>): boolean {
  const { contentId, mediaType } = properties;
  if (typeof contentId !== "string") return true;
  const qualified = qualifyContentId(contentId, mediaType as string | undefined);
  if (qualified === null) return false;
  properties["contentId"] = qualified;
  return true;
}

function problemOf(issue: z.core.$ZodIssue | undefined, candidate: object): EventProblem {
  const keys = issue?.path ?? [];
  const absent = keys.length === 1 && !Object.hasOwn(candidate, keys[0]!);
  const path = pathOf(["properties", ...keys]);
  return { code: "invalid_property", path, message: absent ? "is required" : issue === undefined ? "is not valid" : ruleOfIssue(issue) };
}

function refused(code: EventProblem["code"], path: string, message: string): ParsedProperties {
  return { ok: false, problem: { code, path, message } };
}
