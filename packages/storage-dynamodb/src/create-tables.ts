import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { clientConfigOf, type DynamoSettings } from "./client/dynamo.ts";
import { isMissingTable } from "./client/dynamo-errors.ts";
import { expiryAttribute, tableDefinitions } from "./tables.ts";

export type CreateTablesSettings = Pick<DynamoSettings, "endpoint" | "region" | "tablePrefix"> & {
  readonly pause: (ms: number) => Promise<void>;
};

type Definition = ReturnType<typeof tableDefinitions>[number];

const pollEveryMs = 250;
/** Five minutes. AWS needs about ten seconds. */
const pollsMax = 1_200;

/**
 * Creates missing tables, waits until all are usable, and enables the removal of expired items. Existing tables keep their data. Safe to call again
 * and from several processes at once.
 * @returns the full names of the created tables
 * @throws {Error} when a table of that name has other keys, or is not ready after five minutes
 */
export async function createTables({ endpoint, region, tablePrefix, pause }: CreateTablesSettings): Promise<readonly string[]> {
  // No request waits for this call, so the retries of the SDK are good enough.
  const client = new DynamoDBClient({ ...clientConfigOf(endpoint, region), maxAttempts: 10 });
  try {
    const created = await Promise.all(tableDefinitions(tablePrefix).map((definition) => ensureTable(client, definition, pause)));
    return created.filter((name) => name !== null);
  } finally {
    client.destroy();
  }
}

/** @returns its name if this call created it */
async function ensureTable(client: DynamoDBClient, definition: Definition, pause: CreateTablesSettings["pause"]): Promise<string | null> {
  const { TableName } = definition;
  let wasCreated = false;
  for (let polls = 0; polls < pollsMax; polls++) {
    const table = await tableOf(client, TableName);
    if (table === null) wasCreated = (await create(client, definition)) || wasCreated;
    else if (keysOf(table) !== keysOf(definition)) throw new Error(`the table ${TableName} has other keys`);
    else if (table.TableStatus === "ACTIVE" || table.TableStatus === "UPDATING") {
      await ensureExpiry(client, TableName);
      return wasCreated ? TableName : null;
    }
    if (table !== null) await pause(pollEveryMs);
  }
  throw new Error(`the table ${TableName} did not become ready`);
}

async function tableOf(client: DynamoDBClient, TableName: string) {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table ?? null;
  } catch (error) {
    if (isMissingTable(error)) return null;
    throw error;
  }
}

/** @returns false when another process created it first */
async function create(client: DynamoDBClient, definition: Definition): Promise<boolean> {
  try {
    await client.send(new CreateTableCommand(definition));
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}

async function ensureExpiry(client: DynamoDBClient, TableName: string): Promise<void> {
  if (await expires(client, TableName)) return;
  const TimeToLiveSpecification = { Enabled: true, AttributeName: expiryAttribute };
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    // DynamoDB refuses to enable it twice, which happens when two processes enable it at once.
    if (!(await expires(client, TableName))) throw error;
  }
}

async function expires(client: DynamoDBClient, TableName: string): Promise<boolean> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  const { TimeToLiveStatus: status, AttributeName } = TimeToLiveDescription ?? {};
  return AttributeName === expiryAttribute && (status === "ENABLED" || status === "ENABLING");
}

function keysOf({ KeySchema = [], AttributeDefinitions = [] }: Pick<Partial<Definition>, "KeySchema" | "AttributeDefinitions">): string {
  const typeOf = (name: string | undefined) => AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
  return KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType} ${typeOf(AttributeName)}`).join();
}
