import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "./api-app.testing.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const create = (body: object) => api.send("POST", "/api/v1/admin/keys", JSON.stringify(body));

test("a key is shown once, works at once, is listed without its secret, and stops working when revoked", async () => {
  const { status, json } = await create({ name: "grafana", role: "admin", expiresAt: "2027-01-01" });
  expect(status).toBe(200);
  expect(json).toMatchObject({ name: "grafana", role: "admin", expiresAt: "2027-01-01T00:00:00.000Z", key: expect.stringMatching(/^tk_/) });
  const presented = { authorization: `Bearer ${json.key}` };
  expect((await api.get("/api/v1/metrics", presented)).status).toBe(200);

  const listed = await api.get("/api/v1/admin/keys");
  expect(listed.json.keys.map(({ name, prefix }: { name: string; prefix: string }) => [name, prefix])).toEqual([["grafana", json.prefix]]);
  expect(listed.text).not.toContain(json.key);
  expect(listed.text).not.toContain("hash");

  expect((await api.send("DELETE", "/api/v1/admin/keys/grafana", undefined)).json).toEqual({ revoked: "grafana" });
  expect((await api.get("/api/v1/metrics", presented)).status).toBe(401);
  expect((await api.send("DELETE", "/api/v1/admin/keys/grafana", undefined)).status).toBe(404);
});

test("a name is taken until its key is revoked", async () => {
  expect((await create({ name: "twice", role: "service" })).status).toBe(200);
  const { status, json } = await create({ name: "twice", role: "service" });
  expect([status, json.type]).toEqual([409, "/problems/conflict"]);
});

test.each([
  [{ role: "admin" }, "name"],
  [{ name: "a b", role: "admin" }, "name"],
  [{ name: "x", role: "root" }, "role"],
  [{ name: "x", role: "admin", expiresAt: "2020-01-01" }, "expiresAt"],
  [{ name: "x", role: "admin", tenantId: "other" }, "tenantId"],
  [{ name: { $ne: null }, role: "admin" }, "name"],
])("%j is refused and names %s", async (body, path) => {
  const { status, json } = await create(body);
  expect(status).toBe(400);
  expect(json.errors.map((error: { path: string }) => error.path)).toContain(path);
});
