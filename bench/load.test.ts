import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { acknowledgedBy, sendLoad } from "./load.ts";

const protobufRefusal = Buffer.from([0x0a, 0x02, 0x08, 0x05]).toString();

test.each([
  ["all accepted", 202, '{"accepted":10}', 10],
  ["some were there already", 202, '{"accepted":4,"duplicates":6}', 10],
  ["some refused", 202, '{"accepted":9,"duplicates":0}', 9],
  ["all refused", 429, "{}", 0],
  ["spans in JSON", 200, '{"partialSuccess":{}}', 10],
  ["spans in JSON, some refused", 200, '{"partialSuccess":{"rejectedSpans":"5"}}', 0],
  ["spans in protobuf", 200, "", 10],
  ["spans in protobuf, some refused", 200, protobufRefusal, 0],
] as const)("an answer acknowledges what is durable by it: %s", (_, status, text, acknowledged) => {
  expect(acknowledgedBy(status, text, 10)).toBe(acknowledged);
});

test("a load that ends before all is sent names only acknowledged ids: every third request is refused", async () => {
  const taken = new Set<string>();
  let requests = 0;
  const server = createServer(async (request, response) => {
    const { events } = (await json(request)) as { events: readonly { eventId: string }[] };
    if (++requests % 3 === 0) return void response.writeHead(429).end("{}");
    for (const { eventId } of events) taken.add(eventId);
    response.writeHead(202).end(JSON.stringify({ accepted: events.length }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const result = await sendLoad({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: "a key of no server",
    requests: {
      traffic: { seed: 1, events: 400, burst: 20, startMs: Date.UTC(2026, 10, 1), spanMs: 1_000 },
      format: "json",
      batchEvents: 10,
      sends: 1,
    },
    warmUpEvents: 30,
    connections: 1,
    eventsPerSecond: 10_000,
    secondsMax: 0.009,
    serverPid: process.pid,
  });
  const sent = requests;
  expect(sent).toBeLessThan(40);
  expect(result).toMatchObject({ acknowledgedInAll: taken.size, failed: Math.floor(sent / 3) });
  expect(result.sampleIds.length).toBeGreaterThan(0);
  expect(result.sampleIds.filter((id) => !taken.has(id))).toEqual([]);
});
