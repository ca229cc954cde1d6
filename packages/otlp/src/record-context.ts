import { attributesText, type RecordDraft } from "./attribute-tree.ts";
import type { OtlpResource, OtlpScope } from "./otlp-records.ts";
import type { RejectionCode, RejectionTally } from "./rejection.ts";

/** What all records of one scope share while a request is read. */
export type RecordContext = {
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
  /** True when the resource itself broke a rule: then none of its records is taken. */
  readonly unreadable: boolean;
  readonly tally: RejectionTally;
};

export type ResourceReading = Pick<RecordContext, "resource" | "unreadable">;

const emptyResource: OtlpResource = { serviceName: undefined, attributes: {} };
export const absentResource: ResourceReading = { resource: emptyResource, unreadable: false };
export const absentScope: OtlpScope = { name: "", version: "" };

export function resourceOfDraft(draft: RecordDraft): ResourceReading {
  if (draft.fault !== undefined) return { resource: emptyResource, unreadable: true };
  const name = draft.attributes["service.name"];
  const serviceName = typeof name === "string" && name !== "" ? name : undefined;
  return { resource: { serviceName, attributes: draft.attributes }, unreadable: false };
}

const textOfResource = new WeakMap<OtlpResource, string>();

/** The attributes of a resource as one text, made once for all its records. */
export function resourceText(resource: OtlpResource): string {
  const known = textOfResource.get(resource);
  if (known !== undefined) return known;
  const text = attributesText(resource.attributes);
  textOfResource.set(resource, text);
  return text;
}

/** Keeps a finished record, or counts the rule it broke. */
export function keep<Finished extends object>(outcome: Finished | RejectionCode, context: RecordContext, out: Finished[]): void {
  if (context.unreadable) context.tally.add("bad_resource");
  else if (typeof outcome === "string") context.tally.add(outcome);
  else out.push(outcome);
}
