import { problemContentType } from "@trinity/http/problem";
import { z } from "zod";
import { overflowedHeader } from "./metric-answer.ts";
import type { ListedProcedure, PropertySchema } from "./procedure-list.ts";

type Json = { readonly [key: string]: unknown };

const jsonType = "application/json";
const problemType = problemContentType.split(";", 1)[0] as string;

/** @returns the OpenAPI 3.1 document of the REST surface, made of what every procedure declares */
export function openApiDocument(procedures: readonly ListedProcedure[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const procedure of procedures) {
    (paths[procedure.rest.path] ??= {})[procedure.rest.method.toLowerCase()] = operationOf(procedure);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Trinity Analytics",
      version: "1.0.0",
      description: "Numbers, events and live feeds of Trinity. Every operation is also a tRPC procedure of the same name under `/trpc`.",
    },
    servers: [{ url: "/api/v1" }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key." },
        apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
      },
      schemas: { Problem: schemaOf(problemShape, "output") },
      responses: Object.fromEntries(refusals.map(([name, , description]) => [name, { description, content: problemContent }])),
    },
  };
}

const problemShape = z.object({
  type: z.string().describe("The address of a page that explains this kind of problem."),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().describe("`urn:trace:<trace id>`"),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  errorsLeftOff: z.int().optional(),
});

const problemContent = { [problemType]: { schema: { $ref: "#/components/schemas/Problem" } } };

const refusals = [
  ["Invalid", 400, "The input is not valid: `errors` lists where."],
  ["Unauthenticated", 401, "No valid API key."],
  ["Forbidden", 403, "The key's role does not include this permission."],
  ["NotFound", 404, "There is nothing of that name."],
  ["Conflict", 409, "There is one of that name already."],
  ["Unprocessable", 422, "Valid, but not possible: the detail says what to change."],
  ["TooMany", 429, "Too many requests, streams or wrong keys; `Retry-After` says when to come back."],
  ["Unavailable", 503, "Not possible at the moment; `Retry-After` says when to come back."],
] as const;

function operationOf(procedure: ListedProcedure): Json {
  const { path, type, rest, summary, permission, answer, csv } = procedure;
  const { aliases = [] } = rest;
  const success =
    type === "subscription"
      ? {
          description: "Server-sent events; `data` of each is this.",
          content: { "text/event-stream": { schema: schemaOf(answer, "output") } },
        }
      : {
          description: "The answer.",
          ...(csv === undefined ? {} : { headers: { [overflowedHeader]: csvHeader } }),
          content: {
            [jsonType]: { schema: schemaOf(answer, "output") },
            ...(csv === undefined ? {} : { "text/csv": { schema: csvShape } }),
          },
        };
  return {
    operationId: path,
    tags: [path.split(".", 1)[0]],
    summary,
    description: [`Needs the permission \`${permission}\`.`, ...aliases.map((alias) => `Also answers at \`/api/v1${alias}\`.`)].join(" "),
    ...(rest.method === "POST" ? { requestBody: bodyOf(procedure) } : { parameters: parametersOf(procedure) }),
    responses: {
      200: success,
      ...Object.fromEntries(refusals.map(([name, status]) => [status, { $ref: `#/components/responses/${name}` }])),
    },
  };
}

const csvHeader = {
  description: "Of CSV: dimensions that overflowed, a list separated by commas; not sent where none did. See `overflowed` of the answer.",
  schema: { type: "string" },
};

const csvShape = { type: "string", description: "The series as RFC 4180 has it: a header, then a record a point." };

const formatParameter: Json = {
  name: "format",
  in: "query",
  required: false,
  description: "The form of the answer, before what `Accept` says.",
  schema: { enum: ["json", "csv"] },
};

function parametersOf({ rest, type, input, csv }: ListedProcedure): readonly Json[] {
  const parameters = Object.entries(input.properties).map(([name, { description, ...schema }]) => {
    const inPath = rest.path.includes(`{${name}}`);
    const isLastEventId = type === "subscription" && name === "lastEventId";
    return {
      name: isLastEventId ? "Last-Event-ID" : name,
      in: inPath ? "path" : isLastEventId ? "header" : "query",
      required: inPath || input.required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
      ...(schema.type === "array" ? { style: "form", explode: !isClosedList(schema) } : {}),
    };
  });
  return csv === undefined ? parameters : [...parameters, formatParameter];
}

function isClosedList({ items }: PropertySchema): boolean {
  return items?.enum !== undefined;
}

function bodyOf({ input }: ListedProcedure): Json {
  const schema = { type: "object", properties: input.properties, required: input.required, additionalProperties: false };
  return { required: true, content: { [jsonType]: { schema } } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
