import { request as startRequest } from "node:http";
import type { Answer } from "./hostile-case.ts";
import type { HostileContext } from "./hostile-context.ts";

export type HttpRequest = {
  readonly method?: string;
  /** Sent unchanged. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Without a length, in chunks. */
  readonly chunked?: boolean;
  /** Another key than the ingest key; null for none. */
  readonly key?: string | null;
};

/** @returns the answer; null if the connection closed without one */
export function send(
  context: HostileContext,
  { method = "POST", path, headers, body = "", chunked, key }: HttpRequest,
): Promise<Answer | null> {
  const bytes = Buffer.from(body);
  const { promise, resolve } = Promise.withResolvers<Answer | null>();
  const request = startRequest({
    host: context.host,
    port: context.httpPort,
    method,
    path,
    agent: false,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key ?? context.ingestKey}` }),
      ...(chunked === true ? { "transfer-encoding": "chunked" } : method === "GET" ? {} : { "content-length": String(bytes.length) }),
      ...headers,
    },
  });
  request.on("response", (response) => {
    const chunks: Buffer[] = [];
    const finish = () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: textHeaders(response.headers),
        body: Buffer.concat(chunks),
        ...(method === "HEAD" ? { headOnly: true } : {}),
      });
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", finish);
    response.on("error", finish);
  });
  // The answer may arrive, and the connection close, before all bytes were sent.
  request.on("error", () => resolve(null));
  request.on("close", () => resolve(null));
  request.end(bytes);
  return promise;
}

function textHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}
