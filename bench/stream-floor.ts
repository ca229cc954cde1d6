/**
 * The floor of live streams: a bare loop of Node. `GET` opens a stream, and the body of each `POST` goes to all of them, written once.
 * `node stream-floor.ts`
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

const streams = new Set<ServerResponse>();
let sent = 0;

const server = createServer(async (request, response) => {
  if (request.method === "POST") {
    const data = await buffer(request);
    const frame = Buffer.concat([Buffer.from(`\nid: ${++sent}\ndata: `), data, Buffer.from("\n\n")]);
    for (const stream of streams) stream.write(frame);
    response.end();
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" }).write(":\n");
  streams.add(response);
  response.once("close", () => streams.delete(response));
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready ${JSON.stringify({ api: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
process.once("SIGTERM", () => process.exit(0));
