/** The role of a caller. Add further roles (viewer, analyst, room_admin, compliance) to this union and the table below. */
export type Role = "admin" | "service";

/** A permission; each route or procedure requires exactly one. */
export type Permission =
  | "events:write" // send events
  | "events:status" // read the status of an event
  | "otlp:write" // send spans, metrics and log records
  | "metrics:read" // aggregates
  | "events:read" // drill-down to single pseudonymous events
  | "live:read" // live feeds
  | "health:read" // ingest counts, verification, pipeline state
  | "keys:manage"; // create, list and revoke API keys

const everyPermission: Record<Permission, true> = {
  "events:write": true,
  "events:status": true,
  "otlp:write": true,
  "metrics:read": true,
  "events:read": true,
  "live:read": true,
  "health:read": true,
  "keys:manage": true,
};

/** All permissions, in the order of their declaration. */
export const permissions = Object.keys(everyPermission) as readonly Permission[];

const permissionsOf: Record<Role, ReadonlySet<Permission>> = {
  admin: new Set(permissions),
  service: new Set<Permission>(["events:write", "otlp:write", "events:status"]),
};

/** All roles, for settings, documentation and tests. */
export const roles = Object.keys(permissionsOf) as readonly Role[];

/** @returns the role of that exact name; `null` for anything else, names of object properties included */
export function parseRole(text: string): Role | null {
  return Object.hasOwn(permissionsOf, text) ? (text as Role) : null;
}

/** A role that a stored record names but this version does not know may do nothing. */
export function mayDo(role: Role, permission: Permission): boolean {
  return parseRole(role) !== null && permissionsOf[role].has(permission);
}
