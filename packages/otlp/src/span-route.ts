import { memoised } from "./memo.ts";
import type { OtlpSpan } from "./otlp-records.ts";
import { labelOf, operationNameOf, withoutId } from "./plain-text.ts";
import type { SpanAttributeName } from "./span-attributes.ts";

const httpMethods: ReadonlySet<unknown> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
  "QUERY",
]);

/** A label without its longest leading method. */
const patternCharactersMax = 248;

/** @returns the dimension `route` of a span: a pattern, never with a caller's values; undefined without a name of low cardinality */
export function routeOf(span: OtlpSpan): string | undefined {
  // The most specific first.
  return (
    httpRoute(span) ??
    rpcRoute(span) ??
    graphqlRoute(span) ??
    operationOn(textOf(span, "db.operation.name"), textOf(span, "db.collection.name")) ??
    operationOn(textOf(span, "messaging.operation.name"), textOf(span, "messaging.destination.template")) ??
    functionRoute(span) ??
    operationNameOf(span.name)
  );
}

/** An instrumentation without a route may use the URL instead: a pattern has no query, no authority and no id. */
const routePattern = memoised((text: string): string | undefined => {
  const fits = text.length <= patternCharactersMax && !/[?#]|:\/\//.test(text);
  return fits ? withoutId(labelOf(text)) : undefined;
});

function httpRoute(span: OtlpSpan): string | undefined {
  const given = span.attributes["http.route"];
  const pattern = typeof given === "string" ? routePattern(given) : undefined;
  if (pattern === undefined) return undefined;
  const method = span.attributes["http.request.method"];
  return httpMethods.has(method) ? `${method as string} ${pattern}` : pattern;
}

/** `rpc.method` is fully qualified today; it was the bare method beside `rpc.service` before. */
function rpcRoute(span: OtlpSpan): string | undefined {
  const method = textOf(span, "rpc.method");
  const service = textOf(span, "rpc.service");
  const route = method === undefined || service === undefined || method.includes("/") ? method : `${service}/${method}`;
  return withoutId(labelOf(route));
}

/** The client chooses this name, so only a valid GraphQL name counts. */
function graphqlRoute(span: OtlpSpan): string | undefined {
  const name = textOf(span, "graphql.operation.name");
  return name !== undefined && /^[A-Za-z_]\w{0,63}$/.test(name) ? withoutId(name) : undefined;
}

/** The invoked function; of a server span, the function that served it, which its resource names as well. */
function functionRoute(span: OtlpSpan): string | undefined {
  const served = span.kind === "server" ? span.resource.attributes["faas.name"] : undefined;
  return withoutId(textOf(span, "faas.invoked_name") ?? textOf(span, "faas.name") ?? labelOf(served));
}

function operationOn(operation: string | undefined, target: string | undefined): string | undefined {
  return operation === undefined || target === undefined ? withoutId(operation) : withoutId(labelOf(`${operation} ${target}`));
}

function textOf(span: OtlpSpan, name: SpanAttributeName): string | undefined {
  return labelOf(span.attributes[name]);
}
