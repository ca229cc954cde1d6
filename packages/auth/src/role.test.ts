import { expect, test } from "vitest";
import { mayDo, parseRole, permissions, type Role, roles } from "./role.ts";

test("admin may do everything", () => {
  for (const permission of permissions) expect(mayDo("admin", permission)).toBe(true);
});

test("service may send events and read their status, and nothing else", () => {
  expect(permissions.filter((permission) => mayDo("service", permission))).toEqual(["events:write", "events:status", "otlp:write"]);
});

test.each(["__proto__", "constructor", "toString", "", "Admin", "root"])("%j is no role and may do nothing", (name) => {
  expect(parseRole(name)).toBeNull();
  for (const permission of permissions) expect(mayDo(name as Role, permission)).toBe(false);
});

test("every role is read back under its own name", () => {
  expect(roles.map(parseRole)).toEqual(["admin", "service"]);
});
