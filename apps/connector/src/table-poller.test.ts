import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { openMemoryLeaseStore } from "@trinity/storage-memory/memory-lease-store";
import { type MovedClock, manualClock } from "@trinity/testing/manual-clock";
import { mapRecord } from "@trinity/trinity-connector/map-record";
import { expect, onTestFinished, test } from "vitest";
import { type RememberedTable, readTableMemory, type TableMemory, writeTableMemory } from "./remembered-table.ts";
import type { FoundChange } from "./row-comparison.ts";
import type { SourceTable } from "./source-table.ts";
import { lookAtTable, pollTable, type TablePollerSettings, TableTooLargeError } from "./table-poller.ts";
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

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trinity-connector-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Polls rows, two a page. @returns the delivered event types, or why there are none */
function createLooks(table: SourceTable) {
  const remembered: RememberedTable = new Map();
  const time = createTime();
  const delivered: string[] = [];
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
          delivered.push(...(skipped === null ? events.map(({ eventType }) => eventType) : [skipped]));
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
      delivered.length = 0;
      await lookAtTable(table, remembered, settings, running);
      return [...delivered];
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

test("a poll reports new, changed and removed rows as a stream would", async () => {
  const { look } = createLooks(members);
  expect(await look([seat("a"), seat("b"), seat("c")])).toEqual(["join_room", "join_room", "join_room"]);
  expect(await look([seat("a"), seat("b"), seat("c")])).toEqual([]);
  expect(await look([seat("a", false), seat("b", true, "2026-01-31T21:00:00.000Z")])).toEqual(["leave_room", "join_room", "leave_room"]);
  expect(await look([seat("a", true), seat("b", true, "2026-01-31T21:00:00.000Z")])).toEqual(["join_room"]);
});

test("a room that matched between two polls is reported as a match, once", async () => {
  const { look } = createLooks(rooms);
  const room = { PK: { S: "r" }, SK: { S: "ROOM" }, status: { S: "WAITING" }, mediaType: { S: "TV" } };
  const matched = { ...room, status: { S: "MATCHED" }, resultMovieId: { S: "1" }, updatedAt: { S: "2026-01-31T20:38:01.900Z" } };
  expect(await look([room])).toEqual(["room_created"]);
  expect(await look([matched])).toEqual(["match_found"]);
  expect(await look([{ ...matched, matchCount: { N: "1" } }])).toEqual(["untold_change"]);
});

test("of votes only their existence is stored", async () => {
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

test("a change that could not be delivered is found again", async () => {
  const { look } = createLooks(members);
  await look([seat("a")]);
  await expect(look([seat("a", false)], { fails: true })).rejects.toThrow("ingest is away");
  expect(await look([seat("a", false)])).toEqual(["leave_room"]);
});

test("between pages it pauses for as long as the consumed read units take at the allowed rate", async () => {
  const { look, pauses } = createLooks(members);
  await look(["a", "b", "c", "d", "e"].map((userId) => seat(userId)));
  expect(pauses).toEqual([2_000, 2_000]);
});

test("a table with more rows than can be stored is rejected", async () => {
  const { look } = createLooks(members);
  await expect(look(Array.from({ length: 12 }, (_, i) => seat(`${i}`)))).rejects.toThrow(TableTooLargeError);
});

test("the stored poll outlives the process, readable by its owner alone; an incomplete file is ignored", async () => {
  const path = join(await newFolder(), "connector", "table.remembered");
  const memory: TableMemory = {
    id: "m",
    rows: new Map([
      ["k1", { hash: "h1" }],
      ["k2", { hash: "h2", image: seat("a") }],
    ]),
  };
  expect(await readTableMemory(path)).toBeNull();
  await writeTableMemory(path, memory);
  expect(await readTableMemory(path)).toEqual(memory);
  expect((await stat(path)).mode & 0o077).toBe(0);
  await writeFile(path, '"m"\n["k1",{"ha');
  expect(await readTableMemory(path)).toBeNull();
});

/** Processes that poll one table of members, each on a machine of its own. Reports are named after the process. */
function createPollers() {
  const leases = openMemoryLeaseStore();
  const delivered: string[] = [];
  const state = { rows: [] as Rows, scans: [] as string[] };
  const started = (holder: string, dataDir: string, clock: MovedClock) => {
    const stopping = new AbortController();
    const ended = pollTable(
      members,
      {
        client: {
          send: (async () => {
            state.scans.push(holder);
            return { Items: state.rows };
          }) as unknown as DynamoDBClient["send"],
        },
        delivery: {
          deliver: async (_table, records) =>
            void delivered.push(...records.map((record) => `${holder} ${(record as FoundChange).eventName}`)),
        },
        clock,
        sleep: clock.pause,
        scanRate: 5,
        lease: { leases, holder, forMs: 3_000, clock, pause: clock.pause },
        dataDir,
        everyMs: 1_000,
        newId: () => `memory of ${holder}`,
        onLook: () => {},
      },
      stopping.signal,
    );
    return async () => {
      stopping.abort();
      await ended;
    };
  };
  /** @returns the reports until then, with their process */
  const take = () => delivered.splice(0);
  return { state, take, start: started };
}

/** Advances time until the condition holds: writing files takes real time. */
async function until(clock: MovedClock, isSo: () => boolean): Promise<void> {
  while (!isSo()) await clock.moveBy(100);
}

test("of several processes one polls a table, and when it stops another does", async () => {
  const { state, start } = createPollers();
  const clock = manualClock();
  const stopA = start("a", await newFolder(), clock);
  await until(clock, () => state.scans.length >= 1);
  const stopB = start("b", await newFolder(), clock);
  await until(clock, () => state.scans.length >= 10);
  expect(new Set(state.scans)).toEqual(new Set(["a"]));
  await stopA();
  state.scans.length = 0;
  await until(clock, () => state.scans.length >= 3);
  expect(new Set(state.scans)).toEqual(new Set(["b"]));
  await stopB();
});

test("a process continues from the stored poll of its machine, unless another has polled since", async () => {
  const { state, take, start } = createPollers();
  const clock = manualClock();
  const [here, there] = [await newFolder(), await newFolder()];
  /** Polls until it has read the current rows. */
  const look = async (holder: string, dataDir: string, rows: Rows) => {
    state.rows = rows;
    state.scans.length = 0;
    const stop = start(holder, dataDir, clock);
    await until(clock, () => state.scans.length > 1);
    await stop();
    return take();
  };
  expect(await look("a", here, [seat("ana"), seat("ben")])).toEqual(["a INSERT", "a INSERT"]);
  expect(await look("b", here, [seat("ana")])).toEqual(["b REMOVE"]);
  expect(await look("c", there, [seat("ana", false)])).toEqual(["c INSERT"]);
  expect(await look("c", there, [seat("ana")])).toEqual(["c MODIFY"]);
  // Its machine has the row as `b` read it, and not the later report of `c`.
  expect(await look("d", here, [seat("ana")])).toEqual(["d INSERT"]);
});
