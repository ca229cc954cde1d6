import type { AnyProcedure } from "@trpc/server";
import { z } from "zod";
import { appRouter } from "./router.ts";
import type { ProcedureMeta } from "./trpc.ts";

/** A procedure as the adapters and the OpenAPI document see it. */
export type ListedProcedure = ProcedureMeta & {
  /** `metrics.query` */
  readonly path: string;
  readonly type: "query" | "mutation" | "subscription";
  /** The JSON Schema of the input as it is sent. */
  readonly input: ObjectSchema;
};

/** As much of JSON Schema as inputs use. */
export type ObjectSchema = {
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly required: readonly string[];
};
export type PropertySchema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: PropertySchema;
  readonly description?: string;
};

/** Typed as nested by tRPC, but kept flat, by full path. */
const flatProcedures = appRouter._def.procedures as unknown as Readonly<Record<string, AnyProcedure>>;

/** Every procedure of the router. `metaOf` fails where one declares nothing: the process would not start. */
export function listProcedures(): readonly ListedProcedure[] {
  return Object.entries(flatProcedures).map(([path, procedure]) => ({
    path,
    type: procedure._def.type,
    input: inputOf(procedure),
    ...metaOf(path, procedure),
  }));
}

function metaOf(path: string, procedure: AnyProcedure): ProcedureMeta {
  const meta = procedure._def.meta as ProcedureMeta | undefined;
  if (meta === undefined) throw new TypeError(`procedure ${path} declares no permission`);
  return meta;
}

function inputOf(procedure: AnyProcedure): ObjectSchema {
  const [parser] = (procedure._def as unknown as { readonly inputs: readonly z.ZodType[] }).inputs;
  if (parser === undefined) return { properties: {}, required: [] };
  const { properties = {}, required = [] } = z.toJSONSchema(parser, { io: "input" }) as Partial<ObjectSchema>;
  return { properties, required };
}
