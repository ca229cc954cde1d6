import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { mapConcurrently } from "@trinity/runtime/limiter";
import { timerSleep } from "@trinity/runtime/sleep";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { fullNameOf, type TableName } from "../tables.ts";
import type { CapacityMeter, CapacityTag } from "./capacity-meter.ts";
import { failedConditions, isConditionFailure, isMissingTable, mayPass } from "./dynamo-errors.ts";
import { Retrier } from "./retry.ts";
import { slicesOf } from "./slices.ts";

/** Where the tables are. */
export type DynamoSettings = {
  /** Of DynamoDB Local or a proxy; AWS's own where absent. */
  readonly endpoint?: string;
  readonly region: string;
  readonly tablePrefix: string;
  readonly meter?: CapacityMeter;
};

export type ItemKey = { readonly pk: string; readonly sk: string };
export type Item = ItemKey & Readonly<Record<string, unknown>>;

/** A condition on the existing item. Comparisons with absent attributes are false. */
export type Condition = {
  readonly expression: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
};

/** @returns the condition as request fields */
export function conditionFields({ expression, names, values }: Condition) {
  return {
    ConditionExpression: expression,
    ...(names === undefined ? {} : { ExpressionAttributeNames: names }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
  };
}

/** For items with a version number `through`: writes only when no item exists or an older one, so delayed and repeated writes have no effect. */
export function onlyOverOlder(through: number): Condition {
  return {
    expression: "attribute_not_exists(pk) OR #through < :through",
    names: { "#through": "through" },
    values: { ":through": through },
  };
}

export type SortRange = { readonly from?: string; readonly to?: string; readonly descending?: boolean; readonly limit?: number };

export type PutOutcome = { readonly written: true } | { readonly written: false; readonly found: Item | null };

export type Action = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

const getsAtOnce = 100;
const writesAtOnce = 25;

/**
 * The calls of the store to DynamoDB, with retries. Reads are strongly consistent. An attempt whose response was lost may have succeeded, so every
 * write must be safe to repeat: it puts the same item again, or has a condition.
 * @throws {StoreUnavailableError} from every method, when retries are used up
 */
export class Dynamo {
  /** Wrapped by the document client, which does not close it. */
  readonly #connections: DynamoDBClient;
  readonly #client: DynamoDBDocumentClient;
  readonly #prefix: string;
  readonly #meter: CapacityMeter | undefined;
  readonly #retrier: Retrier;

  constructor({ endpoint, region, tablePrefix, meter }: DynamoSettings) {
    this.#connections = new DynamoDBClient(clientConfigOf(endpoint, region));
    this.#client = DynamoDBDocumentClient.from(this.#connections, {
      marshallOptions: { removeUndefinedValues: true },
    });
    this.#prefix = tablePrefix;
    this.#meter = meter;
    this.#retrier = new Retrier({ sleep: timerSleep, random: Math.random });
  }

  nameOf(table: TableName): string {
    return fullNameOf(this.#prefix, table);
  }

  async get(tag: CapacityTag, table: TableName, key: ItemKey): Promise<Item | null> {
    const { Item: item, ConsumedCapacity } = await this.#attempt(() =>
      this.#client.send(new GetCommand({ TableName: this.nameOf(table), Key: key, ConsistentRead: true, ...this.#metered() })),
    );
    this.#meter?.add(tag, ConsumedCapacity, false);
    return (item as Item | undefined) ?? null;
  }

  /** Items of one partition in order of `sk`: all in the inclusive range, or the first `limit`. */
  async query(
    tag: CapacityTag,
    table: TableName,
    pk: string,
    { from, to, descending = false, limit }: SortRange = {},
  ): Promise<readonly Item[]> {
    const items: Item[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const {
        Items = [],
        LastEvaluatedKey,
        ConsumedCapacity,
      } = await this.#attempt(() =>
        this.#client.send(
          new QueryCommand({
            TableName: this.nameOf(table),
            KeyConditionExpression: `pk = :pk${rangeExpression(from, to)}`,
            ExpressionAttributeValues: {
              ":pk": pk,
              ...(from === undefined ? {} : { ":from": from }),
              ...(to === undefined ? {} : { ":to": to }),
            },
            ConsistentRead: true,
            ScanIndexForward: !descending,
            ...(limit === undefined ? {} : { Limit: limit - items.length }),
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
            ...this.#metered(),
          }),
        ),
      );
      this.#meter?.add(tag, ConsumedCapacity, false);
      items.push(...(Items as Item[]));
      start = LastEvaluatedKey;
    } while (start !== undefined && (limit === undefined || items.length < limit));
    return items;
  }

  /** The items that exist, in no particular order. */
  async getAll(tag: CapacityTag, table: TableName, keys: readonly ItemKey[]): Promise<readonly Item[]> {
    const pages = await mapConcurrently(slicesOf(keys, getsAtOnce), 8, (slice) => this.#getSlice(tag, table, slice));
    return pages.flat();
  }

  /** Puts an item and replaces an existing one. */
  async put(tag: CapacityTag, table: TableName, item: Item): Promise<void> {
    const { ConsumedCapacity } = await this.#attempt(() =>
      this.#client.send(new PutCommand({ TableName: this.nameOf(table), Item: item, ...this.#metered() })),
    );
    this.#meter?.add(tag, ConsumedCapacity, true);
    this.#meter?.wrote(table, item);
  }

  /** Puts an item if the condition is true; else returns the existing item, which an earlier attempt of the same call may have written. */
  async putIf(tag: CapacityTag, table: TableName, item: Item, condition: Condition): Promise<PutOutcome> {
    try {
      const { ConsumedCapacity } = await this.#attempt(() =>
        this.#client.send(
          new PutCommand({
            TableName: this.nameOf(table),
            Item: item,
            ...conditionFields(condition),
            ...this.#metered(),
          }),
        ),
      );
      this.#meter?.add(tag, ConsumedCapacity, true);
      this.#meter?.wrote(table, item);
      return { written: true };
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      return { written: false, found: await this.get(tag, table, { pk: item.pk, sk: item.sk }) };
    }
  }

  /** Puts and deletes items without conditions, in any order and not atomically. */
  async writeAll(tag: CapacityTag, table: TableName, puts: readonly Item[], deletes: readonly ItemKey[] = []): Promise<void> {
    const requests = [
      ...puts.map((item) => ({ PutRequest: { Item: item } })),
      ...deletes.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
    ];
    await mapConcurrently(slicesOf(requests, writesAtOnce), 8, (slice) => this.#writeSlice(tag, table, slice));
    for (const item of puts) this.#meter?.wrote(table, item);
  }

  /** All actions or none. @returns indexes of the actions whose conditions failed; null on success */
  async transact(tag: CapacityTag, actions: readonly Action[]): Promise<readonly number[] | null> {
    try {
      const { ConsumedCapacity } = await this.#attempt(() =>
        this.#client.send(new TransactWriteCommand({ TransactItems: [...actions], ...this.#metered() })),
      );
      this.#meter?.add(tag, ConsumedCapacity, true);
      return null;
    } catch (error) {
      const failed = failedConditions(error);
      if (failed === null) throw error;
      return failed;
    }
  }

  close(): void {
    this.#connections.destroy();
  }

  async #getSlice(tag: CapacityTag, table: TableName, keys: readonly ItemKey[]): Promise<readonly Item[]> {
    const name = this.nameOf(table);
    const items: Item[] = [];
    let unprocessed: readonly Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }));
    await this.#attempt(async () => {
      const { Responses, UnprocessedKeys, ConsumedCapacity } = await this.#client.send(
        new BatchGetCommand({ RequestItems: { [name]: { Keys: [...unprocessed], ConsistentRead: true } }, ...this.#metered() }),
      );
      this.#meter?.add(tag, ConsumedCapacity, false);
      items.push(...((Responses?.[name] ?? []) as Item[]));
      unprocessed = UnprocessedKeys?.[name]?.Keys ?? [];
      if (unprocessed.length > 0) throw new UnprocessedError();
    });
    return items;
  }

  async #writeSlice(tag: CapacityTag, table: TableName, requests: readonly Record<string, unknown>[]): Promise<void> {
    const name = this.nameOf(table);
    let unprocessed = requests;
    await this.#attempt(async () => {
      const { UnprocessedItems, ConsumedCapacity } = await this.#client.send(
        new BatchWriteCommand({ RequestItems: { [name]: [...unprocessed] }, ...this.#metered() }),
      );
      this.#meter?.add(tag, ConsumedCapacity, true);
      unprocessed = UnprocessedItems?.[name] ?? [];
      if (unprocessed.length > 0) throw new UnprocessedError();
    });
  }

  #metered(): { readonly ReturnConsumedCapacity?: "TOTAL" } {
    return this.#meter === undefined ? {} : { ReturnConsumedCapacity: "TOTAL" };
  }

  async #attempt<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#retrier.run(call, (error) => error instanceof UnprocessedError || mayPass(error));
    } catch (error) {
      if (isMissingTable(error))
        throw new StoreUnavailableError("the tables do not exist yet: run trinity tables create", { cause: error });
      throw error;
    }
  }
}

/** DynamoDB processed only a part of a batch; the rest is sent again. */
class UnprocessedError extends Error {
  override readonly name = "UnprocessedError";
}

/** DynamoDB Local accepts any credentials but requires some. */
export function clientConfigOf(endpoint: string | undefined, region: string) {
  return {
    region,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: 64 },
    }),
    ...(endpoint === undefined ? {} : { endpoint, credentials: { accessKeyId: "local", secretAccessKey: "local" } }),
  };
}

function rangeExpression(from: string | undefined, to: string | undefined): string {
  if (from !== undefined && to !== undefined) return " AND sk BETWEEN :from AND :to";
  if (from !== undefined) return " AND sk >= :from";
  return to === undefined ? "" : " AND sk <= :to";
}
