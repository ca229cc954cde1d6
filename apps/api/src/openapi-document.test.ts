import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "./api-app.testing.ts";
import { openApiDocument } from "./openapi-document.ts";
import { listProcedures } from "./procedure-list.ts";

type Json = ReturnType<typeof JSON.parse>;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const document: Json = openApiDocument(listProcedures());

test("the checked-in document equals the one of the procedures: else run `npm run openapi -w @trinity/api`", () => {
  const checkedIn = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));
  expect(JSON.parse(JSON.stringify(document))).toEqual(checkedIn);
});

test("the document is served unchanged", async () => {
  expect((await api.get("/api/v1/openapi.json", {})).json).toEqual(JSON.parse(JSON.stringify(document)));
});

test("every operation declares its input, its answer and its problems", () => {
  const operations = Object.values(document.paths).flatMap((byMethod) => Object.values(byMethod as object)) as Json[];
  expect(operations).toHaveLength(listProcedures().length);
  for (const { operationId, parameters, requestBody, responses, description } of operations) {
    expect(operationId).toMatch(/^[a-z]\w*(\.[a-z]\w*)+$/);
    expect(description).toMatch(/permission `\w+:\w+`/);
    expect(parameters ?? requestBody).toBeDefined();
    expect(Object.keys(responses)).toEqual(["200", "400", "401", "403", "404", "409", "422", "429", "503"]);
    expect(JSON.stringify(responses["200"].content)).toContain('"schema":{');
  }
});

test("every reference in the document has a target", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path as string);
  expect(references.length).toBeGreaterThan(0);
  for (const path of references) expect(path.split("/").reduce((at: Json, name) => at[name], document)).toBeTypeOf("object");
});

test("parameters are in the path, the query or the header, where REST reads them", () => {
  const place = (operation: Json) => Object.fromEntries(operation.parameters.map((one: Json) => [one.name, [one.in, one.required]]));
  expect(place(document.paths["/metrics/{metric}"].get)).toMatchObject({
    metric: ["path", true],
    from: ["query", true],
    by: ["query", false],
  });
  expect(place(document.paths["/live/events"].get)).toEqual({ filter: ["query", false], "Last-Event-ID": ["header", false] });
});

test("the page shows every operation and loads nothing from other origins", async () => {
  const { text, headers } = await api.get("/docs", {});
  for (const path of Object.keys(document.paths)) expect(text).toContain(`/api/v1${path}`);
  expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(text).not.toContain("<script");
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
});

test("every link, style and script of a page exists, and its icon is empty", async () => {
  const targets = new Set<string>();
  for (const path of ["/", "/login", "/docs", "/problems", "/problems/not-found"]) {
    const { status, text } = await api.get(path, {});
    expect([status, text]).toEqual([200, expect.stringContaining('<link rel="icon" href="data:,">')]);
    for (const [, target] of text.matchAll(/(?:src|href)="(\/[^"]*)"/g)) targets.add(target as string);
  }
  expect(targets).toContain("/assets/docs.css");
  for (const target of targets) expect([target, (await api.get(target, {})).status]).toEqual([target, 200]);
});
