import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/**
 * The tables. Each has a partition key `pk` and a sort key `sk`, both strings, and is billed per request. DynamoDB removes items after `expiresAt`
 * (Unix seconds), but late, so readers must ignore expired items themselves.
 */
export const tableNames = ["events", "users", "rooms", "content", "rollups", "system", "state", "operations"] as const;
export type TableName = (typeof tableNames)[number];

export const expiryAttribute = "expiresAt";

/** @param prefix such as `trinity-analytics-`; it separates the tables of different installations */
export function fullNameOf(prefix: string, table: TableName): string {
  return `${prefix}${table}`;
}

/** @returns the inputs of `CreateTable` */
export function tableDefinitions(prefix: string): readonly (CreateTableCommandInput & { readonly TableName: string })[] {
  return tableNames.map((table) => ({
    TableName: fullNameOf(prefix, table),
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
  }));
}
