import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createEventSender, PermanentProblemError } from "./event-sender.ts";

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A server that answers one status after another, and records the requests. */
async function answering(...statuses: number[]) {
  const bodies: string[] = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      bodies.push(body);
      const status = statuses[bodies.length - 1] ?? 202;
      response.writeHead(status, { "content-type": "application/json", ...(status === 503 ? { "retry-after": "0" } : {}) });
      response.end(JSON.stringify({ accepted: 1, duplicates: 2, rejected: [{ code: "too_old" }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { bodies, sender: createEventSender({ url: `http://127.0.0.1:${port}`, key: "key", sleep: async () => {}, random: () => 0 }) };
}

test("a batch is sent again unchanged while the server cannot accept it, and counted once it was accepted", async () => {
  const { bodies, sender } = await answering(503, 429, 202);
  await sender.sendEvents([{ eventId: "a" }]);
  expect(bodies).toEqual(Array.from({ length: 3 }, () => '{"events":[{"eventId":"a"}]}'));
  expect(sender.counts).toMatchObject({ accepted: 1, duplicates: 2, rejected: 1 });
  expect([...sender.counts.rejectedByCode]).toEqual([["too_old", 1]]);
});

test("a request that is rejected is not sent again", async () => {
  const { bodies, sender } = await answering(400);
  await expect(sender.sendEvents([{}])).rejects.toThrow(PermanentProblemError);
  expect(bodies).toHaveLength(1);
});

test("an error after the last retry is not permanent", async () => {
  const { bodies, sender } = await answering(...new Array<number>(21).fill(503));
  const error: unknown = await sender.sendEvents([{}]).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(PermanentProblemError);
  expect(bodies).toHaveLength(21);
});
