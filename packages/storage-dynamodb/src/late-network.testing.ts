import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A proxy to DynamoDB that loses responses of transactions and delivers transactions again. */
export type LateNetwork = {
  readonly url: string;
  /** The next transaction succeeds, but its response is lost. */
  loseNextAnswer(): void;
  /** Delivers every transaction so far again, in order. @returns the responses */
  deliverAgain(): Promise<readonly string[]>;
  close(): Promise<void>;
};

type Sent = { readonly headers: IncomingHttpHeaders; readonly body: Buffer };

export async function startLateNetwork(endpoint: string): Promise<LateNetwork> {
  const transactions: Sent[] = [];
  let losesNext = false;

  function deliver({ headers, body }: Sent): Promise<Response> {
    const { host: _host, connection: _connection, "content-length": _length, ...kept } = headers as Record<string, string>;
    return fetch(endpoint, { method: "POST", headers: kept, body: new Uint8Array(body) });
  }

  const server = createServer(async (request, response) => {
    const sent = { headers: request.headers, body: await buffer(request) };
    const isTransaction = String(request.headers["x-amz-target"]).endsWith("TransactWriteItems");
    if (isTransaction) transactions.push(sent);
    const answer = await deliver(sent);
    const body = Buffer.from(await answer.arrayBuffer());
    if (isTransaction && losesNext) {
      losesNext = false;
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/x-amz-json-1.0" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseNextAnswer: () => void (losesNext = true),
    deliverAgain: async () => {
      const answers: string[] = [];
      for (const { headers, body } of transactions) answers.push(await (await deliver({ headers, body: withoutMemory(body) })).text());
      return answers;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** DynamoDB remembers a token for ten minutes. A new token simulates a delivery after that time. */
function withoutMemory(body: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), ClientRequestToken: randomUUID() }));
}
