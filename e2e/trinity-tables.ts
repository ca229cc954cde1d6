import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";

export type PlainRow = Readonly<Record<string, unknown>>;

/** Trinity's own tables, in the form that its services write. */
export type TrinityTables = {
  /** @param keys the partition key and the sort key, if there is one */
  create(tableName: string, keys: readonly string[], stream: "with a stream" | "without a stream"): Promise<void>;
  put(tableName: string, row: PlainRow): Promise<void>;
  remove(tableName: string, key: PlainRow): Promise<void>;
  close(): void;
};

/** DynamoDB Local requires credentials and accepts any. */
export const localCredentials = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

export function openTrinityTables(endpoint: string): TrinityTables {
  const client = new DynamoDBClient({
    endpoint,
    region: localCredentials.AWS_REGION,
    credentials: { accessKeyId: localCredentials.AWS_ACCESS_KEY_ID, secretAccessKey: localCredentials.AWS_SECRET_ACCESS_KEY },
  });
  return {
    async create(tableName, keys, stream) {
      await client.send(
        new CreateTableCommand({
          TableName: tableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: name === "sequenceIndex" ? "N" : "S" })),
          KeySchema: keys.map((name, i) => ({ AttributeName: name, KeyType: i === 0 ? "HASH" : "RANGE" })),
          StreamSpecification:
            stream === "with a stream" ? { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } : { StreamEnabled: false },
        }),
      );
      await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: tableName });
    },
    put: async (tableName, row) => void (await client.send(new PutItemCommand({ TableName: tableName, Item: imageOf(row) }))),
    remove: async (tableName, key) => void (await client.send(new DeleteItemCommand({ TableName: tableName, Key: imageOf(key) }))),
    close: () => client.destroy(),
  };
}

/** A row as attribute values. */
export function imageOf(row: PlainRow): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf(value: unknown): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: imageOf(value as PlainRow) };
}
