import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";

type Page = { readonly url: string; readonly contentType: string; readonly body: string };

/** A script or style from anywhere else, and any framing, is refused by the browser. */
const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** @param docs the page of the API's documentation */
export function installStaticPages(app: FastifyInstance, docs: string): void {
  const pages: readonly Page[] = [
    { url: "/", contentType: "text/html; charset=utf-8", body: readAsset("index.html") },
    { url: "/login", contentType: "text/html; charset=utf-8", body: readAsset("login.html") },
    { url: "/docs", contentType: "text/html; charset=utf-8", body: docs },
    ...["page.css", "docs.css"].map((name) => ({ url: `/assets/${name}`, contentType: "text/css; charset=utf-8", body: readAsset(name) })),
    ...["page.js", "login.js", "api.js", "chart.js", "format.js"].map((name) => ({
      url: `/assets/${name}`,
      contentType: "text/javascript; charset=utf-8",
      body: readAsset(name),
    })),
  ];
  for (const { url, contentType, body } of pages) {
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    app.get(url, (request, reply) => {
      reply.headers({ ...securityHeaders, etag, "cache-control": "no-cache" });
      return request.headers["if-none-match"] === etag ? reply.code(304).send() : reply.type(contentType).send(body);
    });
  }
}

function readAsset(name: string): string {
  return readFileSync(new URL(`../public/${name}`, import.meta.url), "utf8");
}
