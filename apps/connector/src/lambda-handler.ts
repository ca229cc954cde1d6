import { tableNameOfStream } from "@trinity/trinity-connector/table-kind";
import { type RecordDelivery, UndeliveredError } from "./record-delivery.ts";

/** The fields of Lambda's event that are read here. */
export type LambdaEvent = { readonly Records?: readonly unknown[] };
export type LambdaContext = { getRemainingTimeInMillis(): number };

/** Partial batch response: Lambda retries the batch from the first of these on. */
export type LambdaAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

/** Reserved for the answer before the function's time runs out. */
const answerMs = 1_000;

/** @param timeout a signal that aborts after so many milliseconds */
export function createLambdaHandler(delivery: RecordDelivery, timeout: (ms: number) => AbortSignal) {
  return async ({ Records = [] }: LambdaEvent, context: LambdaContext): Promise<LambdaAnswer> => {
    const signal = timeout(Math.max(0, context.getRemainingTimeInMillis() - answerMs));
    const runs = runsOfOneTable(Records);
    for (const { tableName, records, from } of runs) {
      try {
        await delivery.deliver(tableName, records, signal);
      } catch (error) {
        const index = from + (error instanceof UndeliveredError ? error.index : 0);
        return { batchItemFailures: [{ itemIdentifier: sequenceNumberOf(Records[index], error) }] };
      }
    }
    return { batchItemFailures: [] };
  };
}

type Run = { readonly tableName: string; readonly records: unknown[]; readonly from: number };

/** A mapping has one stream, so this is one group; a record without an ARN belongs to no known table. */
function runsOfOneTable(records: readonly unknown[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [from, record] of records.entries()) {
    const { eventSourceARN } = (record ?? {}) as { eventSourceARN?: unknown };
    const tableName = typeof eventSourceARN === "string" ? (tableNameOfStream(eventSourceARN) ?? "") : "";
    const run = runs.at(-1);
    if (run?.tableName === tableName) run.records.push(record);
    else runs.push({ tableName, records: [record], from });
  }
  return runs;
}

/** @throws the cause if the record has no number: then Lambda retries the complete batch */
function sequenceNumberOf(record: unknown, cause: unknown): string {
  const { dynamodb } = (record ?? {}) as { dynamodb?: { SequenceNumber?: unknown } };
  if (typeof dynamodb?.SequenceNumber === "string") return dynamodb.SequenceNumber;
  throw cause;
}
