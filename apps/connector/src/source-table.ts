import { DescribeTableCommand, type DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { type TableKind, tableKindOf } from "@trinity/trinity-connector/table-kind";
import { matchesAny } from "./table-pattern.ts";

/** An existing table of Trinity's. */
export type SourceTable = {
  readonly tableName: string;
  readonly kind: TableKind;
  readonly keyAttributes: readonly string[];
  /** Null if no stream is switched on. */
  readonly streamArn: string | null;
};

/** @returns the tables that match a pattern and whose kind is known, by name */
export async function findSourceTables(
  client: DynamoDBClient,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<readonly SourceTable[]> {
  const found: SourceTable[] = [];
  for await (const tableName of listTables(client, signal)) {
    const kind = matchesAny(tableName, patterns) ? tableKindOf(tableName) : null;
    if (kind !== null) found.push(await describe(client, tableName, kind, signal));
  }
  return found;
}

async function* listTables(client: DynamoDBClient, signal: AbortSignal): AsyncGenerator<string> {
  for (let after: string | undefined; ; ) {
    const page = await client.send(new ListTablesCommand({ ExclusiveStartTableName: after }), { abortSignal: signal });
    yield* page.TableNames ?? [];
    after = page.LastEvaluatedTableName;
    if (after === undefined) return;
  }
}

async function describe(client: DynamoDBClient, tableName: string, kind: TableKind, signal: AbortSignal): Promise<SourceTable> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }), { abortSignal: signal });
  const isOn = Table?.StreamSpecification?.StreamEnabled === true;
  return {
    tableName,
    kind,
    keyAttributes: (Table?.KeySchema ?? []).flatMap(({ AttributeName }) => AttributeName ?? []),
    streamArn: isOn ? (Table?.LatestStreamArn ?? null) : null,
  };
}
