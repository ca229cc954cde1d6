import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { mapRecord } from "@trinity/trinity-connector/map-record";
import { expect, test } from "vitest";
import { type RememberedTable, readRememberedTable, writeRememberedTable } from "./remembered-table.ts";
import type { SourceTable } from "./source-table.ts";
import { lookAtTable, type TablePollerSettings, TableTooLargeError } from "./table-poller.ts";
import { createTime } from "./time.testing.ts";

const running = new AbortController().signal;
const members: SourceTable = {
  tableName: "trinity-room-members-dev",
  kind: "members",
  keyAttributes: ["roomId", "userId"],
  streamArn: null,
};
const votes: SourceTable = { tableName: "trinity-votes-dev", kind: "votes", keyAttributes: ["roomId", "userId#movieId"], streamArn: null };
const rooms: SourceTable = { tableName: "trinity-rooms-dev-v2", kind: "rooms", keyAttributes: ["PK", "SK"], streamArn: null };

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Looks at rows, two a page. @returns what was told: event types, or why nothing */
function createLooks(table: SourceTable) {
  const remembered: RememberedTable = new Map();
  const time = createTime();
  const told: string[] = [];
  let rows: Rows = [];
  let failing = false;
  async function send({ input }: { readonly input: { readonly ExclusiveStartKey?: number } }) {
    const from = input.ExclusiveStartKey ?? 0;
    const isLast = from + 2 >= rows.length;
    return {
      Items: rows.slice(from, from + 2),
      ...(isLast ? {} : { LastEvaluatedKey: from + 2 }),
      ConsumedCapacity: { CapacityUnits: 10 },
    };
  }
  const settings: TablePollerSettings = {
    client: { send: send as unknown as DynamoDBClient["send"] },
    delivery: {
      async deliver(tableName, records) {
        if (failing) throw new Error("ingest is away");
        for (const record of records) {
          const { events, skipped } = mapRecord(record, { tableName, facts: null, keepTestRows: false });
          told.push(...(skipped === null ? events.map(({ eventType }) => eventType) : [skipped]));
        }
      },
    },
    ...time,
    scanRate: 5,
    rowsMax: 10,
  };
  return {
    remembered,
    pauses: time.pauses,
    async look(now: Rows, { fails = false } = {}): Promise<readonly string[]> {
      rows = now;
      failing = fails;
      told.length = 0;
      await lookAtTable(table, remembered, settings, running);
      return [...told];
    },
  };
}

const seat = (userId: string, isActive = true, joinedAt = "2026-01-31T20:16:41.008Z") => ({
  roomId: { S: "r" },
  userId: { S: userId },
  role: { S: "MEMBER" },
  isActive: { BOOL: isActive },
  joinedAt: { S: joinedAt },
});

test("what a look finds new, changed and gone is told as a stream would tell it", async () => {
  const { look } = createLooks(members);
  expect(await look([seat("a"), seat("b"), seat("c")])).toEqual(["join_room", "join_room", "join_room"]);
  expect(await look([seat("a"), seat("b"), seat("c")])).toEqual([]);
  expect(await look([seat("a", false), seat("b", true, "2026-01-31T21:00:00.000Z")])).toEqual(["leave_room", "join_room", "leave_room"]);
  expect(await look([seat("a", true), seat("b", true, "2026-01-31T21:00:00.000Z")])).toEqual(["join_room"]);
});

test("a room that matched between two looks has found its title, once", async () => {
  const { look } = createLooks(rooms);
  const room = { PK: { S: "r" }, SK: { S: "ROOM" }, status: { S: "WAITING" }, mediaType: { S: "TV" } };
  const matched = { ...room, status: { S: "MATCHED" }, resultMovieId: { S: "1" }, updatedAt: { S: "2026-01-31T20:38:01.900Z" } };
  expect(await look([room])).toEqual(["room_created"]);
  expect(await look([matched])).toEqual(["match_found"]);
  expect(await look([{ ...matched, matchCount: { N: "1" } }])).toEqual(["untold_change"]);
});

test("of votes nothing is remembered but that they were there", async () => {
  const { look, remembered } = createLooks(votes);
  const vote = {
    roomId: { S: "r" },
    "userId#movieId": { S: "ana#862" },
    userId: { S: "ana" },
    movieId: { S: "862" },
    voteType: { S: "LIKE" },
  };
  await look([vote]);
  expect(JSON.stringify([...remembered])).not.toContain("ana");
  expect(await look([])).toEqual([]);
  expect(remembered.size).toBe(0);
});

test("what could not be delivered is found again", async () => {
  const { look } = createLooks(members);
  await look([seat("a")]);
  await expect(look([seat("a", false)], { fails: true })).rejects.toThrow("ingest is away");
  expect(await look([seat("a", false)])).toEqual(["leave_room"]);
});

test("between pages it rests for as long as the read units that it took are worth", async () => {
  const { look, pauses } = createLooks(members);
  await look(["a", "b", "c", "d", "e"].map((userId) => seat(userId)));
  expect(pauses).toEqual([2_000, 2_000]);
});

test("a table with more rows than may be remembered is refused", async () => {
  const { look } = createLooks(members);
  await expect(look(Array.from({ length: 12 }, (_, i) => seat(`${i}`)))).rejects.toThrow(TableTooLargeError);
});

test("what is remembered outlives the process, for its owner alone; a file that is not whole is none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trinity-connector-"));
  const path = join(folder, "connector", "table.remembered");
  const table: RememberedTable = new Map([
    ["k1", { hash: "h1" }],
    ["k2", { hash: "h2", image: seat("a") }],
  ]);
  expect(await readRememberedTable(path)).toEqual(new Map());
  await writeRememberedTable(path, table);
  expect(await readRememberedTable(path)).toEqual(table);
  expect((await stat(path)).mode & 0o077).toBe(0);
  await writeFile(path, '["k1",{"ha');
  expect(await readRememberedTable(path)).toEqual(new Map());
  await rm(folder, { recursive: true });
});
