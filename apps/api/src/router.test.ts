import { permissions } from "@trinity/auth/role";
import type { AnyProcedure } from "@trpc/server";
import { expect, test } from "vitest";
import { z } from "zod";
import { appRouter } from "./router.ts";
import type { ProcedureMeta } from "./trpc.ts";

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, AnyProcedure>);

test("the router has procedures", () => {
  expect(procedures.map(([path]) => path)).toEqual([
    "dashboard.overview",
    "metrics.query",
    "metrics.list",
    "users.behavior",
    "users.retention",
    "users.segments",
    "funnels.query",
    "paths.query",
    "rooms.survival",
    "rooms.performance",
    "rooms.compare",
    "rooms.abandonment",
    "rooms.recommendations",
    "rooms.get",
    "content.preferences",
    "content.performance",
    "content.trends",
    "content.rejections",
    "explore.events",
    "system.performance",
    "health.ingestion",
    "health.books",
    "health.verification",
    "live.metrics",
    "live.events",
    "admin.keys.list",
    "admin.keys.create",
    "admin.keys.revoke",
  ]);
});

test.each(procedures)("%s names its permission, its REST route and its answer", (_path, procedure) => {
  const meta = procedure._def.meta as ProcedureMeta | undefined;
  expect(permissions).toContain(meta?.permission);
  expect(meta?.rest.path).toMatch(/^\/[a-zA-Z/{}]+$/);
  expect(["GET", "POST", "DELETE"]).toContain(meta?.rest.method);
  expect(meta?.answer).toBeInstanceOf(z.ZodType);
  expect(meta?.summary).toMatch(/\.$/);
});

test.each(procedures)("%s changes something only over a method that no link follows", (_path, procedure) => {
  const { rest } = procedure._def.meta as ProcedureMeta;
  expect(procedure._def.type === "mutation" && rest.method === "GET").toBe(false);
});

test("no two procedures share a REST route", () => {
  const routes = procedures.flatMap(([, procedure]) => {
    const { method, path, aliases = [] } = (procedure._def.meta as ProcedureMeta).rest;
    return [path, ...aliases].map((one) => `${method} ${one}`);
  });
  expect(new Set(routes).size).toBe(routes.length);
});
