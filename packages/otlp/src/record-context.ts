import { attributesText, type RecordDraft } from "./attribute-tree.ts";
import type { ItemCount } from "./item-count.ts";
import type { OtlpResource, OtlpScope } from "./otlp-records.ts";
import type { RejectionCode, RejectionCounter } from "./rejection.ts";

/** The common state of all records of one request while it is read. */
export type RequestContext = { readonly rejections: RejectionCounter; readonly items: ItemCount };

/** The common fields of all records of one scope. */
export type RecordContext = RequestContext & {
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
  /** True when the resource itself broke a rule: then all its records are rejected. */
  readonly unreadable: boolean;
};

export type ResourceContext = Pick<RecordContext, "resource" | "unreadable">;

const emptyResource: OtlpResource = { serviceName: undefined, attributes: {} };
export const absentResource: ResourceContext = { resource: emptyResource, unreadable: false };
export const absentScope: OtlpScope = { name: "", version: "" };

export function resourceOfDraft(draft: RecordDraft, items: ItemCount): ResourceContext {
  items.addValues(draft.valueCount);
  if (draft.fault !== undefined) return { resource: emptyResource, unreadable: true };
  const name = draft.attributes["service.name"];
  const serviceName = typeof name === "string" && name !== "" ? name : undefined;
  const { attributes, leftOut } = draft;
  return { resource: { serviceName, attributes, ...(leftOut !== undefined && { leftOut }) }, unreadable: false };
}

const textOfResource = new WeakMap<OtlpResource, string>();

/** The attributes of a resource as one text, made once for all its records. */
export function resourceText(resource: OtlpResource): string {
  const known = textOfResource.get(resource);
  if (known !== undefined) return known;
  const text = attributesText(resource.attributes, resource.leftOut);
  textOfResource.set(resource, text);
  return text;
}

/** Keeps a valid record, or counts the rule that it broke. */
export function keep<Draft extends RecordDraft, Finished extends object>(
  draft: Draft,
  finish: (draft: Draft, context: RecordContext) => Finished | RejectionCode,
  context: RecordContext,
  out: Finished[],
): void {
  context.items.addValues(draft.valueCount);
  const outcome = context.unreadable ? "bad_resource" : finish(draft, context);
  if (typeof outcome === "string") context.rejections.add(outcome);
  else out.push(outcome);
}
