import type { FaultProxy } from "@trinity/dynamodb-local/fault-proxy";
import type { Fault } from "@trinity/storage/store-under-test";

/** What DynamoDB says when it has too much to do and when something of its own broke; and what it did, but the answer was lost. */
export function dynamoFaults(proxy: () => FaultProxy): readonly Fault[] {
  return [
    { name: "a throttled request", armNth: (n) => proxy().failNth(n, "throttled") },
    { name: "an error of the server", armNth: (n) => proxy().failNth(n, "serverError") },
    { name: "a lost answer", armNth: (n) => proxy().failNth(n, "timeoutAfterEffect") },
  ];
}
