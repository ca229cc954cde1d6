import type { FastifyInstance } from "fastify";
import { sendProblem } from "./problem-handling.ts";
import { type ProblemSlug, type ProblemType, parseProblemSlug, problemTypes } from "./problem-type.ts";

const retryText: Record<ProblemType["retry"], string> = {
  never: "No: the same request always gets the same answer.",
  "after a change": "Only after changing it.",
  later: "Yes: the same request may succeed later.",
};

/** Serves the pages that every problem's `type` points to: `/problems` and `/problems/<slug>`. */
export function installProblemPages(app: FastifyInstance): void {
  app.get("/problems", (_, reply) => reply.headers(pageHeaders).send(problemIndexPage()));
  app.get<{ Params: { slug: string } }>("/problems/:slug", (request, reply) => {
    const slug = parseProblemSlug(request.params.slug);
    return slug === null ? sendProblem(request, reply, "not-found") : reply.headers(pageHeaders).send(problemPage(slug));
  });
}

const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  "x-content-type-options": "nosniff",
};

function problemPage(slug: ProblemSlug): string {
  const { status, title, meaning, whatToDo, retry } = problemTypes[slug];
  return page(
    title,
    `<p><code>${status}</code> · <code>/problems/${slug}</code></p>
<h2>What it means</h2><p>${prose(meaning)}</p>
<h2>What to do</h2><p>${prose(whatToDo)}</p>
<h2>Send it again?</h2><p>${retryText[retry]}</p>
<p><a href="/problems">All problems</a></p>`,
  );
}

function problemIndexPage(): string {
  const rows = Object.entries(problemTypes).map(
    ([slug, { status, title }]) => `<li><code>${status}</code> <a href="/problems/${slug}">${prose(title)}</a></li>`,
  );
  return page("Problems", `<ul>${rows.join("\n")}</ul>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${prose(title)}</title>
<link rel="icon" href="data:,">
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}</style></head>
<body><h1>${prose(title)}</h1>
${body}
</body></html>
`;
}

/** The table's plain text as HTML; text in backquotes becomes code. */
function prose(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return escaped.replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}
