import { Agent, request } from "node:http";

export type Answer = { readonly status: number; readonly text: string; readonly retryAfter: string | null };

/** A client of a server on this machine, with so many connections. Rejects when no whole answer comes. */
export type HttpClient = {
  /** @param headers beside the key and the length; JSON by default */
  post(path: string, body: Buffer, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  close(): void;
};

/** @throws {RangeError} when the URL is not of this machine: nothing here may load another */
export function createHttpClient(url: string, connections: number, key: string): HttpClient {
  const { hostname, port } = new URL(url);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(hostname)) throw new RangeError(`${hostname} is not this machine`);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  const send = (
    method: "GET" | "POST",
    path: string,
    body: Buffer | null,
    headers: Readonly<Record<string, string | number>>,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = { hostname, port, path, method, headers: { "x-api-key": key, ...headers }, agent, timeout: 60_000 };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("end", () => {
          const retryAfter = response.headers["retry-after"] ?? null;
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), retryAfter });
        });
        // The server died in the middle of its answer.
        response.once("error", reject);
      });
      sent.once("timeout", () => sent.destroy(new Error("no answer within 60 s")));
      sent.once("error", reject);
      sent.end(body ?? undefined);
    });

  return {
    post: (path, body, headers = { "content-type": "application/json" }) =>
      send("POST", path, body, { ...headers, "content-length": body.length }),
    get: (path) => send("GET", path, null, {}),
    close: () => agent.destroy(),
  };
}
