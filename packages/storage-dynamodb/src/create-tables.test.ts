import { CreateTableCommand, DeleteTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { clientConfigOf } from "./client/dynamo.ts";
import { createTables } from "./create-tables.ts";
import { fullNameOf, tableNames } from "./tables.ts";

describe.skipIf(!hasDynamoDbLocal(process.env))("on DynamoDB Local", () => {
  let dynamoDb: DynamoDbLocal;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());

  const region = "eu-west-1";
  let prefixes = 0;

  function newPrefix() {
    const tablePrefix = `create-${process.pid}-${prefixes++}-`;
    const client = new DynamoDBClient(clientConfigOf(dynamoDb.endpoint, region));
    const names = tableNames.map((table) => fullNameOf(tablePrefix, table));
    onTestFinished(async () => {
      await Promise.all(names.map((TableName) => client.send(new DeleteTableCommand({ TableName })).catch(() => undefined)));
      client.destroy();
    });
    return { client, names, create: () => createTables({ endpoint: dynamoDb.endpoint, region, tablePrefix, pause: async () => {} }) };
  }

  test("all tables are created, usable, and remove expired items", async () => {
    const { client, names, create } = newPrefix();
    expect(await create()).toEqual(names);
    for (const TableName of names) {
      const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
      expect(TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" });
    }
  });

  test("existing tables stay, missing ones are added", async () => {
    const { client, names, create } = newPrefix();
    await create();
    expect(await create()).toEqual([]);
    await client.send(new DeleteTableCommand({ TableName: names[2] as string }));
    expect(await create()).toEqual([names[2]]);
  });

  test("when several create at once, each table is created by one of them, and all succeed", async () => {
    const { names, create } = newPrefix();
    const created = await Promise.all([create(), create(), create()]);
    expect(created.flat().sort()).toEqual([...names].sort());
  });

  test("a table of that name with other keys is refused", async () => {
    const { client, names, create } = newPrefix();
    await client.send(
      new CreateTableCommand({
        TableName: names[0] as string,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
    await expect(create()).rejects.toThrow(`the table ${names[0]} has other keys`);
  });
});
