import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { type ConnectorProcess, startConnectorProcess } from "./connector-process.ts";
import { type RealProcesses, startRealProcesses, startWithinMs } from "./real-process.ts";
import { readStoredEvents } from "./stored-events.ts";
import { imageOf, localCredentials, openTrinityTables, type TrinityTables } from "./trinity-tables.ts";

const waitMs = 60_000;
vi.setConfig({ testTimeout: 3 * waitMs });

const nowMs = Date.now();
const hourMs = 3_600_000;
const range = `from=${new Date(nowMs - hourMs).toISOString()}&to=${new Date(nowMs + hourMs).toISOString()}&granularity=total`;
/** Some minutes ago: every event is in order and none is in the future. */
const at = (minute: number) => new Date(nowMs - (30 - minute) * 60_000).toISOString();

const [rooms, members, votes, titles] = [
  "trinity-rooms-dev-v2",
  "trinity-room-members-dev",
  "trinity-votes-dev",
  "trinity-room-movie-cache-dev",
];
const roomId = "7c1d3f0a-5b7e-4c55-9a41-2f6f0f5e8b11";
const [host, guest] = ["b2e5a4c4-1001-70aa-8c11-aa00bb11cc22", "91c4d7f4-2002-70bb-9d22-cc33dd44ee55"];
const code = "K7Q2ZD";
const secrets = [roomId, host, guest, code, "Secret plans"];
const room = {
  PK: roomId,
  SK: "ROOM",
  roomId,
  id: roomId,
  name: "Secret plans",
  status: "WAITING",
  hostId: host,
  inviteCode: code,
  mediaType: "MOVIE",
  genreIds: [35, 16],
  totalMovies: 50,
  isPrivate: false,
  maxMembers: 2,
  createdAt: at(0),
  updatedAt: at(0),
};
const matched = { ...room, status: "MATCHED", resultMovieId: "862", updatedAt: at(5) };
const vote = (userId: string, movieId: string, voteType: string, minute: number) => ({
  roomId,
  "userId#movieId": `${userId}#${movieId}`,
  userId,
  movieId,
  voteType,
  votedAt: at(minute),
  version: 1,
});

describe.skipIf(!hasDynamoDbLocal(process.env))("rows of Trinity's tables, by their streams, as numbers", () => {
  let dynamoDb: DynamoDbLocal;
  let tables: TrinityTables;
  let processes: RealProcesses;
  let api: ApiClient;
  let connector: ConnectorProcess;

  const start = () =>
    startConnectorProcess(processes, dynamoDb.endpoint, { TRINITY_SOURCE_POLL_TABLES: members, TRINITY_SOURCE_POLL_INTERVAL: "1s" });
  const totalOf = async (query: string) => (await api.metric(`${query}?${range}`)).totals[0]?.value;
  const recordsOf = async (from: ConnectorProcess, table: string) =>
    (await from.metric(`trinity_connector_records_total{table="${table}"}`)) ?? 0;
  const eventCounts = async () => {
    const { totals } = await api.metric(`events?${range}&by=eventType`);
    return Object.fromEntries(totals.map(({ by, value }) => [by["eventType"], value]));
  };

  beforeAll(async () => {
    [dynamoDb, processes] = await Promise.all([startDynamoDbLocal(), startRealProcesses()]);
    tables = openTrinityTables(dynamoDb.endpoint);
    api = createApiClient(processes);
    await tables.create(rooms, ["PK", "SK"], "with a stream");
    await tables.create(votes, ["roomId", "userId#movieId"], "with a stream");
    await tables.create(titles, ["roomId", "sequenceIndex"], "with a stream");
    await tables.create(members, ["roomId", "userId"], "without a stream");
    connector = await start();
  }, startWithinMs);

  afterAll(async () => {
    await connector?.stop();
    await processes?.stop();
    processes?.discard();
    tables?.close();
    await dynamoDb?.stop();
  });

  test("a vote that is written into Trinity's table counts, with the genres of its title", async () => {
    const title = {
      roomId,
      sequenceIndex: 0,
      movieId: "862",
      genreIds: [16, 35],
      mediaType: "MOVIE",
      priority: 1,
      releaseDate: "1995-11-22",
    };
    await tables.put(rooms, room);
    await tables.put(titles, title);
    await tables.put(votes, vote(host, "862", "LIKE", 2));
    await tables.put(votes, vote(guest, "862", "DISLIKE", 3));
    await vi.waitFor(async () => expect(await totalOf("votes")).toBe(2), { timeout: waitMs, interval: 500 });
    expect((await api.metric(`positive_rate?${range}&filter=contentId:movie:862`)).totals[0]).toMatchObject({
      numerator: 1,
      denominator: 2,
    });
    const byGenre = (await api.metric(`votes?${range}&by=genre`)).totals;
    expect(Object.fromEntries(byGenre.map(({ by, value }) => [by["genre"], value]))).toEqual({ animation: 2, comedy: 2 });
    expect(await totalOf("rooms_created")).toBe(1);
  });

  test("a room that becomes MATCHED has matched", async () => {
    await tables.put(rooms, { ...room, currentMovieIndex: 1, updatedAt: at(4) });
    await tables.put(rooms, matched);
    await vi.waitFor(async () => expect(await totalOf("matches")).toBe(1), { timeout: waitMs, interval: 500 });
    expect(await connector.metric('trinity_connector_skipped_records_total{reason="bookkeeping_only"}')).toBe(1);
  });

  test("a table without a stream is polled: a member joins and leaves", async () => {
    const seat = { roomId, userId: guest, role: "MEMBER", joinedAt: at(1), isActive: true };
    await tables.put(members, { ...seat, userId: host, role: "HOST" });
    await tables.put(members, seat);
    await vi.waitFor(async () => expect(await eventCounts()).toMatchObject({ join_room: 1 }), { timeout: waitMs, interval: 500 });
    await tables.remove(members, { roomId, userId: guest });
    await vi.waitFor(async () => expect(await eventCounts()).toMatchObject({ leave_room: 1 }), { timeout: waitMs, interval: 500 });
  });

  test("it reports that it is ready, and its counts", async () => {
    expect((await fetch(`${connector.url}/readyz`)).status).toBe(200);
    expect(await connector.metric("trinity_connector_shards_reading")).toBeGreaterThanOrEqual(2);
    expect(await connector.metric('trinity_connector_events_total{outcome="rejected"}')).toBe(0);
  });

  test("an event that ingest rejects is set aside without a name, and blocks no other", async () => {
    await tables.put(votes, { ...vote(guest, "585", "LIKE", 6), votedAt: "2020-01-01T00:00:00.000Z" });
    await tables.put(votes, vote(guest, "12", "LIKE", 7));
    await vi.waitFor(async () => expect(await totalOf("votes")).toBe(3), { timeout: waitMs, interval: 500 });
    const asideOf = () => readFile(join(processes.dataDir, "connector", "set-aside.ndjson"), "utf8");
    // Ingest counts before the connector reads its answer.
    const aside = await vi.waitFor(asideOf, { timeout: waitMs, interval: 200 });
    expect(JSON.parse(aside)).toEqual({
      at: expect.any(String),
      tableName: votes,
      eventName: "INSERT",
      sequenceNumber: expect.stringMatching(/^\d+$/),
      eventType: "vote_content",
      reason: "too_old",
    });
    for (const secret of secrets) expect(aside).not.toContain(secret);
  });

  test("after a crash it continues from its checkpoints, and does not send the last 24 hours again", async () => {
    const before = await eventCounts();
    await connector.kill();
    await tables.put(votes, vote(host, "585", "LIKE", 8));
    await tables.put(rooms, { ...matched, updatedAt: at(8) });
    connector = await start();
    await vi.waitFor(async () => expect(await totalOf("votes")).toBe(4), { timeout: waitMs, interval: 500 });
    await vi.waitFor(async () => expect(await recordsOf(connector, rooms)).toBe(1), { timeout: waitMs, interval: 200 });
    // Records acknowledged a moment before the crash may be read once more.
    expect(await recordsOf(connector, votes)).toBeLessThanOrEqual(3);
    expect(await recordsOf(connector, members)).toBe(0);
    expect(await eventCounts()).toEqual({ ...before, vote_content: 4 });
  });

  test("the Lambda sends the records of a mapping to the same ingest", async () => {
    const settings = { TRINITY_INGEST_URL: processes.ingestUrl, TRINITY_INGEST_KEY: processes.ingestKey };
    const env = { ...localCredentials, ...settings, TRINITY_SOURCE_ENDPOINT: dynamoDb.endpoint };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const { handler } = await import("../apps/connector/src/lambda.ts");
    const row = imageOf(vote(host, "13", "LIKE", 9));
    const record = {
      eventName: "INSERT",
      eventSourceARN: `arn:aws:dynamodb:eu-west-1:111122223333:table/${votes}/stream/2026-01-01T00:00:00.000`,
      dynamodb: { ApproximateCreationDateTime: Math.round(nowMs / 1_000), SequenceNumber: "7", NewImage: row },
    };
    const context = { getRemainingTimeInMillis: () => waitMs };
    expect(await handler({ Records: [record, record] }, context)).toEqual({ batchItemFailures: [] });
    expect(await totalOf("votes")).toBe(5);
    vi.unstubAllEnvs();
  });

  test("two machines share the shards, and when one dies the other continues from its checkpoints", async () => {
    const store = { TRINITY_STORE: "dynamodb", DYNAMODB_ENDPOINT: dynamoDb.endpoint, TRINITY_TABLE_PREFIX: "e2e-connector-" };
    const cli = new URL("../apps/cli/src/main.ts", import.meta.url).pathname;
    await promisify(execFile)(process.execPath, [cli, "tables", "create"], { env: { PATH: process.env["PATH"], ...store } });
    const machine = (name: string, settings = {}) =>
      startConnectorProcess({ ...processes, dataDir: join(processes.dataDir, name) }, dynamoDb.endpoint, { ...store, ...settings });
    const reading = async (one: ConnectorProcess) => (await one.metric("trinity_connector_shards_reading")) ?? 0;

    const readBy = async (...machines: readonly ConnectorProcess[]) => {
      const each = await Promise.all(machines.map((from) => Promise.all([recordsOf(from, rooms), recordsOf(from, votes)])));
      return [0, 1].map((table) => each.reduce((sum, counts) => sum + (counts[table] as number), 0));
    };

    const one = await machine("one", { TRINITY_CONNECTOR_SHARDS_MAX: "1" });
    await vi.waitFor(async () => expect(await readBy(one)).not.toEqual([0, 0]), { timeout: waitMs, interval: 200 });
    const other = await machine("other");
    try {
      // Without checkpoints, every change so far is read, by one of them.
      await vi.waitFor(async () => expect(await readBy(one, other)).toEqual([4, 5]), { timeout: waitMs, interval: 200 });
      const shards = (await reading(one)) + (await reading(other));
      expect(shards).toBeGreaterThanOrEqual(2);
      expect(await reading(one)).toBe(1);
      const byOne = await readBy(one);

      await one.kill();
      await tables.put(rooms, { ...matched, updatedAt: at(10) });
      await tables.put(votes, vote(guest, "13", "LIKE", 10));
      const byOther = [5 - (byOne[0] as number), 6 - (byOne[1] as number)];
      await vi.waitFor(async () => expect(await readBy(other)).toEqual(byOther), { timeout: waitMs, interval: 200 });
      expect(await reading(other)).toBe(shards);
      await vi.waitFor(async () => expect(await totalOf("votes")).toBe(6), { timeout: waitMs, interval: 500 });
    } finally {
      await Promise.all([one.kill(), other.stop()]);
    }
  });

  test("it stops when it is asked to, and its events name no person", async () => {
    expect(await connector.stop()).toBe(0);
    const stored = JSON.stringify(await readStoredEvents(processes.dataDir));
    for (const secret of secrets) expect(stored).not.toContain(secret);
    expect(stored).toContain('"system":"stream"');
  });
});
