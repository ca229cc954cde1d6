import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/**
 * The tables, by what lies in them. Each has a partition key `pk` and a sort key `sk`, both texts, is paid by request, and removes items
 * whose `expiresAt` (Unix seconds) has passed: late, so readers leave those out by themselves.
 */
export const tableNames = ["events", "users", "rooms", "content", "rollups", "system", "state", "operations"] as const;
export type TableName = (typeof tableNames)[number];

export const expiryAttribute = "expiresAt";

/** @param prefix such as `trinity-analytics-`: what keeps the tables of one installation apart from those of another */
export function fullNameOf(prefix: string, table: TableName): string {
  return `${prefix}${table}`;
}

/** @returns what `CreateTable` is asked for */
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
