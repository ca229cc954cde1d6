import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { createRoomFactsLookup } from "./room-facts-lookup.ts";

const running = new AbortController().signal;
const tables = [
  { tableName: "trinity-rooms-dev-v2", kind: "rooms" },
  { tableName: "trinity-room-movie-cache-dev", kind: "movie-cache" },
] as const;

function setUp(titles: readonly object[] = [], roomsMax = 10) {
  const asked: string[] = [];
  const failures: string[] = [];
  let nowMs = 0;
  const shown = [...titles];
  async function send(command: { readonly input: { readonly TableName: string } }) {
    asked.push(command.input.TableName);
    const name = failures.shift();
    if (name !== undefined) throw Object.assign(new Error(name), { name });
    return command.constructor.name === "GetItemCommand"
      ? { Item: { mediaType: { S: "MOVIE" }, maxMembers: { N: "3" } } }
      : { Items: shown };
  }
  const client = { send } as unknown as DynamoDBClient;
  const lookup = createRoomFactsLookup({ client, tables: () => tables, clock: { nowMs: () => nowMs }, roomsMax });
  return { lookup, asked, failures, shown, wait: (ms: number) => (nowMs += ms) };
}
const title = { movieId: { S: "862" }, mediaType: { S: "MOVIE" }, genreIds: { L: [{ N: "16" }] } };

test("a room and its titles are read once for any number of votes at the same time", async () => {
  const { lookup, asked } = setUp([title]);
  const [facts] = await Promise.all([lookup.factsOf("r", running), lookup.factsOf("r", running)]);
  expect(facts).toMatchObject({ mediaType: "movie", capacity: 3 });
  expect(facts?.titles.get("862")).toMatchObject({ genres: ["animation"] });
  expect(asked).toEqual(["trinity-rooms-dev-v2", "trinity-room-movie-cache-dev"]);
});

test("a room whose titles are missing is read again after a while", async () => {
  const { lookup, asked, shown, wait } = setUp();
  await lookup.factsOf("r", running);
  shown.push(title);
  expect((await lookup.factsOf("r", running))?.titles.size).toBe(0);
  wait(31_000);
  expect((await lookup.factsOf("r", running))?.titles.size).toBe(1);
  wait(3_600_000);
  await lookup.factsOf("r", running);
  expect(asked).toHaveLength(4);
});

test("only the rooms used last are cached", async () => {
  const { lookup, asked } = setUp([title], 2);
  for (const roomId of ["a", "b", "a", "c", "a"]) await lookup.factsOf(roomId, running);
  expect(asked).toHaveLength(6);
  await lookup.factsOf("b", running);
  expect(asked).toHaveLength(8);
});

test("a table without access has no facts; a busy one fails, and is read again", async () => {
  const { lookup, failures } = setUp([title]);
  failures.push("AccessDeniedException", "ResourceNotFoundException");
  expect(await lookup.factsOf("r", running)).toBeNull();
  failures.push("ThrottlingException");
  await expect(lookup.factsOf("s", running)).rejects.toThrow("ThrottlingException");
  expect(await lookup.factsOf("s", running)).not.toBeNull();
});
