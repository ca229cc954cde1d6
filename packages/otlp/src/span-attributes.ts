import { WantedNames } from "./wanted-names.ts";

/**
 * The span attributes that are read, by the OpenTelemetry semantic conventions of 2026, each with the names it replaced.
 * A closed list: other attributes are never built, so no address, header, statement or user id can pass.
 */
const replacedNames = {
  "http.route": [],
  "http.request.method": ["http.method"],
  "http.response.status_code": ["http.status_code"],
  "rpc.method": [],
  "rpc.service": [],
  "rpc.system.name": ["rpc.system"],
  "rpc.status_code": ["rpc.response.status_code", "rpc.grpc.status_code"],
  "graphql.operation.name": [],
  "faas.invoked_name": [],
  "faas.name": [],
  "db.system.name": ["db.system"],
  "db.operation.name": ["db.operation"],
  "db.collection.name": ["db.sql.table"],
  "messaging.system": [],
  "messaging.operation.name": ["messaging.operation"],
  "messaging.destination.template": [],
  "error.type": [],
} as const satisfies Record<string, readonly string[]>;

export type SpanAttributeName = keyof typeof replacedNames;

export const spanAttributeNames = new WantedNames(replacedNames);
