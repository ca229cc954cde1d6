import { installProblemHandling } from "@trinity/http/problem-handling";
import fastify from "fastify";
import { describe, expect, test } from "vitest";
import { installAdmission } from "./admission.ts";

const mebibyte = 1024 * 1024;

function appWithRoutes() {
  const app = fastify();
  installProblemHandling(app);
  installAdmission(app);
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  const route = { method: "POST", bodyLimit: 512 * mebibyte, handler: async () => "taken" } as const;
  app.route({ ...route, url: "/events" });
  app.route({
    ...route,
    url: "/otlp",
    errorHandler: (error, _request, reply) => reply.code(error.statusCode ?? 503).send("in OTLP's words"),
  });
  return app;
}

describe("admission", () => {
  const announce = (bytes: number) => ({ "content-type": "application/octet-stream", "content-length": `${bytes}` });

  test("a body for which there is no room is refused with 429 and when to come back", async () => {
    const refused = await appWithRoutes().inject({ method: "POST", url: "/events", headers: announce(300 * mebibyte) });
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(refused.headers["content-type"]).toContain("application/problem+json");
  });

  test("the refusal is in the words of the route", async () => {
    const refused = await appWithRoutes().inject({ method: "POST", url: "/otlp", headers: announce(300 * mebibyte) });
    expect([refused.statusCode, refused.body]).toEqual([429, "in OTLP's words"]);
  });

  test("what has been answered makes room again", async () => {
    const app = appWithRoutes();
    for (let i = 0; i < 3; i++) {
      const taken = await app.inject({ method: "POST", url: "/events", headers: announce(200 * mebibyte) });
      expect(taken.statusCode).toBe(200);
    }
  });
});
