import { type AttributeValue, type DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Clock } from "@trinity/runtime/clock";
import { type RoomFacts, roomFactsOf } from "@trinity/trinity-connector/room-facts";
import type { TableKind } from "@trinity/trinity-connector/table-kind";
import { LRUCache } from "lru-cache";
import { sourceFailureOf } from "./source-failure.ts";

/** The facts of a room, required to map its votes. */
export type RoomFactsLookup = {
  /**
   * @returns null if nothing is known of the room
   * @throws errors of DynamoDB that may pass
   */
  factsOf(roomId: string, signal: AbortSignal): Promise<RoomFacts | null>;
};

export type RoomFactsSettings = {
  readonly client: DynamoDBClient;
  /** The current tables to look in. */
  readonly tables: () => readonly { readonly tableName: string; readonly kind: TableKind }[];
  readonly clock: Clock;
  readonly roomsMax?: number;
};

type Known = { readonly facts: Promise<RoomFacts | null>; readonly untilMs: number };
type Image = Record<string, AttributeValue>;

/** Incomplete facts may soon be complete; the titles of a room never change. */
const incompleteForMs = 30_000;

/** Reads a room and its titles once, and caches the `roomsMax` rooms used last: a room's votes come together. */
export function createRoomFactsLookup({ client, tables, clock, roomsMax = 2_000 }: RoomFactsSettings): RoomFactsLookup {
  const known = new LRUCache<string, Known>({ max: roomsMax });

  async function read(roomId: string, signal: AbortSignal): Promise<RoomFacts | null> {
    const [room, titles] = await Promise.all([readRoom(roomId, signal), readTitles(roomId, signal)]);
    return room === undefined && titles.length === 0 ? null : roomFactsOf(room, titles);
  }

  const namesOf = (kind: TableKind) => tables().flatMap((table) => (table.kind === kind ? [table.tableName] : []));

  async function readRoom(roomId: string, signal: AbortSignal): Promise<Image | undefined> {
    const places = [
      ...namesOf("rooms").map((tableName) => ({ tableName, key: { PK: { S: roomId }, SK: { S: "ROOM" } } })),
      ...namesOf("single-table").map((tableName) => ({ tableName, key: { PK: { S: `ROOM#${roomId}` }, SK: { S: "METADATA" } } })),
    ];
    for (const { tableName, key } of places) {
      // A consistent read: a vote cannot be mapped without its room.
      const command = new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true });
      const answer = await client.send(command, { abortSignal: signal }).catch(nullIfUnknowable);
      if (answer?.Item !== undefined) return answer.Item;
    }
    return undefined;
  }

  async function readTitles(roomId: string, signal: AbortSignal): Promise<readonly Image[]> {
    for (const tableName of namesOf("movie-cache")) {
      const command = new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: "roomId = :room",
        ExpressionAttributeValues: { ":room": { S: roomId } },
        Limit: titlesMax,
      });
      const answer = await client.send(command, { abortSignal: signal }).catch(nullIfUnknowable);
      if (answer?.Items !== undefined && answer.Items.length > 0) return answer.Items;
    }
    return [];
  }

  return {
    async factsOf(roomId, signal) {
      const nowMs = clock.nowMs();
      const entry = known.get(roomId);
      if (entry !== undefined && nowMs < entry.untilMs) return entry.facts;
      const facts = read(roomId, signal);
      known.set(roomId, { facts, untilMs: nowMs + incompleteForMs });
      try {
        const found = await facts;
        if (found !== null && found.titles.size > 0) known.set(roomId, { facts, untilMs: Number.POSITIVE_INFINITY });
        return found;
      } catch (error) {
        known.delete(roomId);
        throw error;
      }
    },
  };
}

/** A list has 50 titles, in batches a few hundred. */
const titlesMax = 500;

/** A table that has no such key, is gone or denies us access will never have the facts. */
function nullIfUnknowable(error: unknown): null {
  const isInvalid = error instanceof Error && error.name === "ValidationException";
  if (isInvalid || ["gone", "denied"].includes(sourceFailureOf(error))) return null;
  throw error;
}
