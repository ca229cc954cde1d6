import { memoised } from "./memo.ts";
import type { OtlpResource } from "./otlp-records.ts";

/**
 * Texts that a system event may carry. They are dimensions, so a text that is too long, or might name one request or one person, is dropped.
 */
const labelCharactersMax = 256;
const wordCharactersMax = 64;
const unprintable = /[\p{Cc}\p{Cs}]/u;

/** The name that OpenTelemetry SDKs give to a service without a name. */
const unknownService = "unknown_service";

export function labelOf(value: unknown): string | undefined {
  return isText(value, labelCharactersMax) ? value : undefined;
}

export function wordOf(value: unknown): string | undefined {
  return isText(value, wordCharactersMax) ? value : undefined;
}

type ServiceLabels = { readonly service: string; readonly source: OtelSource };

/** The `source` of an event that came over OTLP. */
export type OtelSource = { readonly system: "otel"; readonly component?: string };

const labelsOfResource = new WeakMap<OtlpResource, ServiceLabels>();

export function serviceOf(resource: OtlpResource): string {
  return serviceLabels(resource).service;
}

export function otelSource(resource: OtlpResource): OtelSource {
  return serviceLabels(resource).source;
}

/** Made once for all records of a resource. */
function serviceLabels(resource: OtlpResource): ServiceLabels {
  const known = labelsOfResource.get(resource);
  if (known !== undefined) return known;
  const component = wordOf(resource.serviceName);
  const source: OtelSource = component === undefined ? { system: "otel" } : { system: "otel", component };
  const labels = { service: labelOf(resource.serviceName) ?? unknownService, source };
  labelsOfResource.set(resource, labels);
  return labels;
}

/** A name written by a programmer: letters and the punctuation of code, no digit of a possible id, no path, no query, no address. */
const operationName = /^\p{L}[\p{L} _.<>()-]*$/u;

export const operationNameOf = memoised((name: string): string | undefined =>
  name.length <= labelCharactersMax && operationName.test(name) ? name : undefined,
);

/** A class of errors: a type's qualified name, a status or a code. */
const errorClass = /^[\p{L}_$][\w$.:/-]*$|^-?\d{1,6}$/u;
/** More digits in a row than an error code has: an id. */
const idDigits = /\d{7}|[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{16}/i;

export function errorClassOf(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return isText(text, labelCharactersMax) && errorClass.test(text) && !idDigits.test(text) ? text : undefined;
}

/** @returns the text unless it contains something like an id */
export function withoutId(text: string | undefined): string | undefined {
  return text === undefined || idDigits.test(text) ? undefined : text;
}

function isText(value: unknown, charactersMax: number): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= charactersMax && !unprintable.test(value);
}
