const reads = ["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"] as const;
const writes = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"] as const;

/** What DynamoDB is asked about items, as opposed to tables. */
export type DataOperation = (typeof reads)[number] | (typeof writes)[number];

const dataOperations = new Set<string>([...reads, ...writes]);
const writeOperations = new Set<string>(writes);

/** @param target the header X-Amz-Target, such as `DynamoDB_20120810.PutItem` @returns null when it is about tables */
export function dataOperationOf(target: string): DataOperation | null {
  const operation = target.slice(target.indexOf(".") + 1);
  return dataOperations.has(operation) ? (operation as DataOperation) : null;
}

export function isWrite(operation: DataOperation): boolean {
  return writeOperations.has(operation);
}
