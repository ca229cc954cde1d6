import type { IncomingHttpHeaders } from "node:http";

/** What DynamoDB answers, or what is answered in its place. */
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** @param type such as `ThrottlingException` @param fields what this type of error says besides its message */
function errorAnswer(status: number, type: string, message: string, fields: object = {}): Answer {
  const error = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message, ...fields };
  return { status, headers: { "content-type": "application/x-amz-json-1.0" }, body: Buffer.from(JSON.stringify(error)) };
}

const throttles = [
  ["ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded."],
  ["ThrottlingException", "Throughput exceeds the current capacity of your table or index."],
] as const;

/** @param count how often it was throttled before: the two ways in which DynamoDB says so take turns */
export function throttledAnswer(count: number): Answer {
  const [type, message] = throttles[count % 2] as (typeof throttles)[number];
  return errorAnswer(400, type, message);
}

export function serverErrorAnswer(): Answer {
  return errorAnswer(500, "InternalServerError", "The request could not be processed because of an internal server error.");
}

export function conflictAnswer(): Answer {
  return errorAnswer(400, "TransactionConflictException", "Transaction is ongoing for the item");
}

/** @param body of a TransactWriteItems @param chance in [0, 1): picks the action whose item another transaction is at */
export function cancelledAnswer(body: Buffer, chance: number): Answer {
  const { TransactItems: actions } = JSON.parse(body.toString()) as { readonly TransactItems: readonly unknown[] };
  const inConflict = Math.floor(chance * actions.length);
  const reasons = actions.map((_, index) =>
    index === inConflict ? { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" } : { Code: "None" },
  );
  const codes = reasons.map(({ Code }) => Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return errorAnswer(400, "TransactionCanceledException", message, { CancellationReasons: reasons });
}
