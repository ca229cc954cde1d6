import { readFileSync } from "node:fs";
import { permissions } from "@trinity/auth/role";
import type { AnyProcedure } from "@trpc/server";
import { expect, test } from "vitest";
import { z } from "zod";
import { appRouter } from "./router.ts";
import type { ProcedureMeta } from "./trpc.ts";

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, AnyProcedure>);

/** Segments of one or more words in lower case, or one parameter each. */
const restPath = /^(\/([a-z0-9]+(-[a-z0-9]+)*|\{\w+\}))+$/;

type Operations = Readonly<Record<string, { readonly operationId: string }>>;

test("openapi.json has an operation for each procedure, and no other", () => {
  const text = readFileSync(new URL("../openapi.json", import.meta.url), "utf8");
  const { paths } = JSON.parse(text) as { readonly paths: Readonly<Record<string, Operations>> };
  const operationIds = Object.values(paths).flatMap((operations) => Object.values(operations).map(({ operationId }) => operationId));
  expect(operationIds.sort()).toEqual(procedures.map(([path]) => path).sort());
});

test.each(procedures)("%s names its permission, its REST route and its answer", (_path, procedure) => {
  const meta = procedure._def.meta as ProcedureMeta | undefined;
  expect(permissions).toContain(meta?.permission);
  for (const path of [meta?.rest.path, ...(meta?.rest.aliases ?? [])]) expect(path).toMatch(restPath);
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
