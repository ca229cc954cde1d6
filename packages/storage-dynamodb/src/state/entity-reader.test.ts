import type { EntityRef } from "@trinity/aggregation/entity";
import type { EntityOf } from "@trinity/aggregation/entity-kind";
import { DamagedStateError } from "@trinity/storage/event-store";
import { describe, expect, test } from "vitest";
import { Dynamo, type Item, type ItemKey } from "../client/dynamo.ts";
import { entityPageRef, entityPages, idOfRef } from "./entity-page.ts";
import { EntityReader } from "./entity-reader.ts";
import { MemTable } from "./mem-table.ts";
import { PageStore } from "./page-store.ts";

const shards = 4;
const at = { sequence: 0, compactedThrough: 0 };

/** DynamoDB with some items, which notes the keys of each batch that it is asked for. */
class NotingDynamo extends Dynamo {
  readonly batches: (readonly string[])[] = [];
  readonly #items: readonly Item[];

  constructor(items: readonly Item[]) {
    super({ region: "eu-west-1", tablePrefix: "none-" });
    this.#items = items;
  }

  override async getAll(_tag: string, _table: string, keys: readonly ItemKey[]): Promise<readonly Item[]> {
    this.batches.push(keys.map(({ pk, sk }) => `${pk} ${sk}`));
    return this.#items.filter((item) => keys.some(({ pk, sk }) => item.pk === pk && item.sk === sk));
  }
}

function roomPage(roomId: string, entities: readonly (EntityRef & { readonly value: EntityOf["roomMember"] })[]): Item {
  const { pk, sk } = entityPageRef({ kind: "room", key: roomId }, shards);
  const content = { entities: new Map(entities.map((entity) => [idOfRef(entity), entity])), seqsOfUser: new Map() };
  return { pk, sk, through: 0, data: entityPages.encode(content) };
}

function readerOf(items: readonly Item[]): { readonly dynamo: NotingDynamo; readonly reader: EntityReader } {
  const dynamo = new NotingDynamo(items);
  const memTable = new MemTable(shards);
  return { dynamo, reader: new EntityReader(dynamo, new PageStore(dynamo, memTable), memTable, shards) };
}

describe("the parts of rooms", () => {
  const roomIds = Array.from({ length: 300 }, (_, i) => `r${i}`);
  const userIds = Array.from({ length: 20 }, (_, i) => `u${i + 10}`);
  const pages = roomIds.map((roomId, votes) =>
    roomPage(
      roomId,
      userIds.map((userId) => ({ kind: "roomMember", key: `${roomId}/${userId}`, value: { votes } })),
    ),
  );

  test("take one item a room, in one batch, however many parts they have, and none that was read before", async () => {
    const { dynamo, reader } = readerOf(pages);
    const asked = [...roomIds, "unknown", ...roomIds];
    const found = await reader.parts("roomMember", asked, at);
    expect(found.map((parts) => [...parts.keys()])).toEqual(asked.map((roomId) => (roomId === "unknown" ? [] : userIds)));
    expect(dynamo.batches.map((keys) => new Set(keys).size)).toEqual([301]);
    expect(dynamo.batches.flat()).toHaveLength(301);

    expect(await reader.parts("roomMember", asked, at)).toEqual(found);
    expect((await reader.parts("roomTitle", asked, at)).every((parts) => parts.size === 0)).toBe(true);
    expect(dynamo.batches).toHaveLength(1);
    dynamo.close();
  });

  test("are refused while the page of one room is damaged", async () => {
    const [first, second] = pages as [Item, Item];
    const { dynamo, reader } = readerOf([first, { ...second, data: Buffer.from("damaged") }]);
    await expect(reader.parts("roomMember", ["r0", "r1"], at)).rejects.toBeInstanceOf(DamagedStateError);
    expect((await reader.parts("roomMember", ["r0"], at))[0]?.size).toBe(20);
    dynamo.close();
  });
});
