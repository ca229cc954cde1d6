import { expect, test, vi } from "vitest";
import { startConnector } from "./connector.ts";
import type { SourceTable } from "./source-table.ts";
import { createTime } from "./time.testing.ts";

const table = (tableName: string, kind: SourceTable["kind"], streamArn: string | null): SourceTable => ({
  tableName,
  kind,
  keyAttributes: ["PK"],
  streamArn,
});
const votes = table("trinity-votes-dev", "votes", "arn:votes");
const rooms = table("trinity-rooms-dev", "rooms", null);
const members = table("trinity-room-members-dev", "members", null);
const titles = table("trinity-room-movie-cache-dev", "movie-cache", "arn:titles");

function setUp() {
  const state = { tables: [votes, rooms, members, titles] as readonly SourceTable[], fails: false };
  const assigned: string[] = [];
  const polling = new Set<string>();
  const unfollowed: string[][] = [];
  const failures: unknown[] = [];
  const connector = startConnector({
    findTables: async () => {
      if (state.fails) throw new Error("no network");
      return state.tables;
    },
    consumers: {
      assign: async (streams) => void assigned.push(...streams.map(({ streamArn }) => streamArn)),
      reading: () => 0,
      ended: async () => {},
    },
    poll: async ({ tableName }, signal) => {
      polling.add(tableName);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      polling.delete(tableName);
    },
    pollPatterns: ["trinity-rooms-*"],
    ...createTime(),
    onUnfollowed: (left) => unfollowed.push(left.map(({ tableName }) => tableName)),
    onFailure: (error) => failures.push(error),
  });
  return { connector, state, assigned, polling, unfollowed, failures };
}

test("tables with a stream are read by it, named tables are polled, and the others are reported once", async () => {
  const { connector, assigned, polling, unfollowed } = setUp();
  await vi.waitFor(() => expect(assigned.length).toBeGreaterThan(20));
  expect(new Set(assigned)).toEqual(new Set(["arn:votes"]));
  expect([...polling]).toEqual(["trinity-rooms-dev"]);
  expect(unfollowed).toEqual([["trinity-room-members-dev"]]);
  await connector.stop();
  expect([...polling]).toEqual([]);
});

test("a table that gets a stream is no longer polled", async () => {
  const { connector, state, assigned, polling } = setUp();
  await vi.waitFor(() => expect(polling.size).toBe(1));
  state.tables = [votes, { ...rooms, streamArn: "arn:rooms" }];
  await vi.waitFor(() => expect(assigned).toContain("arn:rooms"));
  await vi.waitFor(() => expect(polling.size).toBe(0));
  await connector.stop();
});

test("while the tables cannot be listed it tries again, and is not ready", async () => {
  const { connector, state, failures } = setUp();
  state.fails = true;
  await vi.waitFor(() => expect(failures.length).toBeGreaterThan(1));
  const lastMs = connector.assignedAtMs();
  state.fails = false;
  await vi.waitFor(() => expect(connector.assignedAtMs()).not.toBe(lastMs));
  await connector.stop();
});
