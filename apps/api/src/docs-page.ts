/** The OpenAPI document as a page that needs no script and nothing from elsewhere. */

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>>;
};
type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: {
    readonly type?: string;
    readonly enum?: readonly unknown[];
    readonly default?: unknown;
    readonly items?: { readonly enum?: readonly unknown[] };
  };
};
type Document = {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

/** @param document as `openApiDocument` makes it */
export function docsPage(document: unknown): string {
  const { info, paths } = document as Document;
  const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, operation]) => ({ path: `/api/v1${path}`, method: method.toUpperCase(), operation })),
  );
  const contents = operations.map(
    ({ path, method, operation }) => `<li><a href="#${escaped(operation.operationId)}"><b>${method}</b> ${escaped(path)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(info.title)}: API</title>
<link rel="stylesheet" href="/assets/docs.css"><link rel="icon" href="data:,"></head>
<body><header><h1>${escaped(info.title)}</h1><p>${prose(info.description)}</p>
<p>Send an API key as <code>Authorization: Bearer &lt;key&gt;</code> or <code>x-api-key</code>. Refusals are <a href="/problems">problem details</a>.
The same as a document: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
<nav aria-label="Operations"><ul>${contents.join("\n")}</ul></nav></header>
<main>${operations.map(section).join("\n")}</main></body></html>
`;
}

function section({ path, method, operation }: { readonly path: string; readonly method: string; readonly operation: Operation }): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const body = Object.values(requestBody?.content ?? {})[0];
  const [type, answer] = Object.entries(responses["200"]?.content ?? {})[0] ?? [];
  return `<section id="${escaped(operationId)}"><h2><b>${method}</b> ${escaped(path)}</h2>
<p>${prose(summary)} ${prose(description)}</p>
${parameters.length === 0 ? "" : `<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${parameters.map(row).join("")}</tbody></table>`}
${body === undefined ? "" : details("Body", body.schema)}
${answer === undefined ? "" : details(`Answer (${type})`, answer.schema)}
</section>`;
}

function row({ name, in: place, required, description = "", schema }: Parameter): string {
  const values = schema.enum ?? schema.items?.enum;
  const type = `${escaped(schema.type ?? "value")}${values === undefined ? "" : `: ${values.map((value) => `<code>${escaped(String(value))}</code>`).join(" ")}`}`;
  const standard = schema.default === undefined ? "" : ` Default <code>${escaped(JSON.stringify(schema.default))}</code>.`;
  return `<tr><td><code>${escaped(name)}</code>${required ? " (required)" : ""}</td><td>${place}</td><td>${type}</td><td>${prose(description)}${standard}</td></tr>`;
}

function details(title: string, schema: unknown): string {
  return `<details><summary>${escaped(title)}</summary><pre>${escaped(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function prose(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
