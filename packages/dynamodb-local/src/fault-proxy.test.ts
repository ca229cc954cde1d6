import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  ListTablesCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "./dynamodb-local.testing.ts";
import { type Fault, noFaults, standardRates } from "./fault-choice.testing.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.testing.ts";

const table = "things";
const only = (fault: Fault) => ({ ...noFaults, [fault]: 1 });
const keyOf = (id: string) => ({ pk: { S: id } });
const put = (id: string) => new PutItemCommand({ TableName: table, Item: keyOf(id) });
const get = (id: string) => new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true });
const addOne = (id: string) => ({
  TableName: table,
  Key: keyOf(id),
  UpdateExpression: "ADD #times :one",
  ExpressionAttributeNames: { "#times": "times" },
  ExpressionAttributeValues: { ":one": { N: "1" } },
});
const addOneToEach = (ids: readonly string[]) =>
  new TransactWriteItemsCommand({ TransactItems: ids.map((id) => ({ Update: addOne(id) })), ClientRequestToken: "once" });
const putAll = (ids: readonly string[]) =>
  new BatchWriteItemCommand({ RequestItems: { [table]: ids.map((id) => ({ PutRequest: { Item: keyOf(id) } })) } });
const getAll = (ids: readonly string[]) =>
  new BatchGetItemCommand({ RequestItems: { [table]: { Keys: ids.map(keyOf), ConsistentRead: true } } });

describe.skipIf(!hasDynamoDbLocal(process.env))("a fault proxy", () => {
  let dynamoDb: DynamoDbLocal;
  let direct: DynamoDBClient;
  let proxy: FaultProxy;
  let client: DynamoDBClient;
  let tests = 0;

  const clientOf = (endpoint: string) =>
    new DynamoDBClient({ endpoint, region: "eu-west-1", maxAttempts: 1, credentials: { accessKeyId: "local", secretAccessKey: "local" } });
  /** Ids are told apart by test, because all share the table. */
  const id = (name: string) => `${tests}-${name}`;
  const isThere = async (name: string) => (await direct.send(get(id(name)))).Item !== undefined;
  const timesOf = async (name: string) => (await direct.send(get(id(name)))).Item?.["times"]?.N;
  const failureOf = (answer: Promise<unknown>): Promise<unknown> =>
    answer.then(
      () => "no failure",
      (error: unknown) => error,
    );

  beforeAll(async () => {
    dynamoDb = await startDynamoDbLocal();
    direct = clientOf(dynamoDb.endpoint);
    await direct.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
  }, 60_000);
  afterAll(async () => {
    direct.destroy();
    await dynamoDb.stop();
  });

  beforeEach(async () => {
    tests += 1;
    proxy = await startFaultProxy({ target: dynamoDb.endpoint, seed: 1, rates: noFaults, redeliverAfterMs: 20, silenceMs: 5 });
    client = clientOf(proxy.endpoint);
  });
  afterEach(async () => {
    client.destroy();
    await proxy.stop();
  });

  test("without faults passes on what is asked and what is answered, errors too", async () => {
    await client.send(put(id("a")));
    expect((await client.send(get(id("a")))).Item).toEqual(keyOf(id("a")));
    const noTable = new GetItemCommand({ TableName: "no-such-table", Key: keyOf("a") });
    expect(await failureOf(client.send(noTable))).toMatchObject({ name: "ResourceNotFoundException" });
    expect(proxy.counts).toEqual({ ...noFaults, passed: 3, inPart: 0 });
  });

  test("throttled: a request is refused in both ways by turns, and not done", async () => {
    proxy.setRates(only("throttled"));
    expect(await failureOf(client.send(put(id("a"))))).toBeInstanceOf(ProvisionedThroughputExceededException);
    const second = await failureOf(client.send(put(id("a"))));
    expect(second).toBeInstanceOf(ThrottlingException);
    expect(second).toMatchObject({ $metadata: { httpStatusCode: 400 } });
    expect(await isThere("a")).toBe(false);
    expect(proxy.counts).toMatchObject({ throttled: 2, passed: 0 });
  });

  test("throttled: of two batches of writes one is refused and one done in part, and the rest handed back", async () => {
    proxy.setRates(only("throttled"));
    const ids = ["a", "b", "c", "d", "e"];
    const batch = putAll(ids.map(id));
    expect(await failureOf(client.send(batch))).toBeInstanceOf(ProvisionedThroughputExceededException);
    const { UnprocessedItems } = await client.send(batch);
    const left = (UnprocessedItems?.[table] ?? []).map(({ PutRequest }) => PutRequest?.Item?.["pk"]?.S);
    expect(left).toEqual([id("c"), id("d"), id("e")]);
    expect(await Promise.all(ids.map(isThere))).toEqual([true, true, false, false, false]);
    expect(proxy.counts).toMatchObject({ throttled: 1, inPart: 1 });
  });

  test("throttled: a batch of reads is answered in part, and sent until nothing is left answers all", async () => {
    const ids = ["a", "b", "c", "d"].map(id);
    await client.send(putAll(ids));
    proxy.setRates(only("throttled"));
    await failureOf(client.send(getAll(ids)));
    const { Responses, UnprocessedKeys } = await client.send(getAll(ids));
    expect(Responses?.[table]).toHaveLength(2);
    expect(UnprocessedKeys?.[table]).toEqual({ Keys: ids.slice(2).map(keyOf), ConsistentRead: true });
    proxy.setRates(noFaults);
    expect((await client.send(new BatchGetItemCommand({ RequestItems: UnprocessedKeys }))).Responses?.[table]).toHaveLength(2);
  });

  test("throttled: a batch of one is always refused", async () => {
    proxy.setRates(only("throttled"));
    const failures = [await failureOf(client.send(putAll([id("a")]))), await failureOf(client.send(putAll([id("a")])))];
    expect(failures.map((error) => (error as Error).name)).toEqual(["ProvisionedThroughputExceededException", "ThrottlingException"]);
  });

  test("conflict: a transaction is cancelled at one action, and nothing of it is done", async () => {
    proxy.setRates(only("conflict"));
    const error = await failureOf(client.send(addOneToEach(["a", "b", "c"].map(id))));
    expect(error).toBeInstanceOf(TransactionCanceledException);
    const codes = ((error as TransactionCanceledException).CancellationReasons ?? []).map(({ Code }) => Code);
    expect(codes.toSorted()).toEqual(["None", "None", "TransactionConflict"]);
    expect(await isThere("a")).toBe(false);
  });

  test("conflict: a single write is refused, reads and batches pass", async () => {
    proxy.setRates(only("conflict"));
    expect(await failureOf(client.send(put(id("a"))))).toBeInstanceOf(TransactionConflictException);
    expect(await failureOf(client.send(new UpdateItemCommand(addOne(id("a")))))).toBeInstanceOf(TransactionConflictException);
    expect((await client.send(get(id("a")))).Item).toBeUndefined();
    await client.send(putAll([id("b")]));
    expect(await isThere("b")).toBe(true);
  });

  test("timeoutAfterEffect: a write is done, and no answer comes", async () => {
    proxy.setRates(only("timeoutAfterEffect"));
    expect(await failureOf(client.send(put(id("a"))))).toMatchObject({ code: "ECONNRESET" });
    expect(await isThere("a")).toBe(true);
  });

  test("serverError: a request is refused with status 500, and not done", async () => {
    proxy.setRates(only("serverError"));
    const error = await failureOf(client.send(put(id("a"))));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(await isThere("a")).toBe(false);
  });

  test("redelivered: a write is done twice, a transaction too although it has a token", async () => {
    await client.send(addOneToEach([id("tokened")]));
    await client.send(addOneToEach([id("tokened")]));
    expect(await timesOf("tokened")).toBe("1");
    proxy.setRates(only("redelivered"));
    await client.send(new UpdateItemCommand(addOne(id("updated"))));
    await client.send(
      new TransactWriteItemsCommand({ TransactItems: [{ Update: addOne(id("transacted")) }], ClientRequestToken: id("t") }),
    );
    await client.send(get(id("updated")));
    await proxy.settled();
    expect([await timesOf("updated"), await timesOf("transacted")]).toEqual(["2", "2"]);
    expect(proxy.counts).toMatchObject({ redelivered: 2, passed: 3 });
  });

  test("redelivered: what is left to be delivered when the proxy stops never is", async () => {
    const slow = await startFaultProxy({ target: dynamoDb.endpoint, seed: 1, rates: only("redelivered"), redeliverAfterMs: 60_000 });
    const slowClient = clientOf(slow.endpoint);
    await slowClient.send(new UpdateItemCommand(addOne(id("a"))));
    slowClient.destroy();
    await slow.stop();
    await slow.settled();
    expect(await timesOf("a")).toBe("1");
  });

  test("failNth befalls the n-th request from now, once, and disarm tells whether it came", async () => {
    const armed = proxy.failNth(2, "serverError");
    await client.send(put(id("a")));
    await client.send(new ListTablesCommand({}));
    expect(await failureOf(client.send(put(id("b"))))).toBeInstanceOf(InternalServerError);
    await client.send(put(id("c")));
    expect(armed.disarm()).toBe(true);

    const unreached = proxy.failNth(2, "serverError");
    await client.send(put(id("d")));
    expect(unreached.disarm()).toBe(false);
    await client.send(put(id("e")));
  });

  test("failNth lets a request pass for which the fault is not possible", async () => {
    const armed = proxy.failNth(1, "conflict");
    await client.send(get(id("a")));
    expect(armed.disarm()).toBe(true);
  });

  test("requests about tables always pass", async () => {
    proxy.setRates(only("throttled"));
    await client.send(new ListTablesCommand({}));
    await client.send(new DescribeTableCommand({ TableName: table }));
    expect(proxy.counts).toEqual({ ...noFaults, passed: 0, inPart: 0 });
  });

  test("at the standard rates a client that retries gets all its writes done, and what the proxy did adds up", async () => {
    proxy.setRates(standardRates);
    const ids = Array.from({ length: 40 }, (_, i) => id(`${i}`));
    let sent = 0;
    for (const one of ids) {
      do sent += 1;
      while ((await failureOf(client.send(put(one)))) !== "no failure");
    }
    await proxy.settled();
    const found = await direct.send(getAll(ids));
    expect(found.Responses?.[table]).toHaveLength(ids.length);
    expect(Object.values(proxy.counts).reduce((sum, count) => sum + count)).toBe(sent);
  });
});
