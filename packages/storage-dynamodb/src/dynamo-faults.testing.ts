import type { FaultProxy } from "@trinity/dynamodb-local/fault-proxy";
import type { Fault } from "@trinity/storage/store-under-test";

/** Faults of DynamoDB: throttling, an internal error, and, last, a call that succeeds but whose response is lost. */
export function dynamoFaults(proxy: () => FaultProxy): readonly Fault[] {
  return [
    { name: "a throttled request", armNth: (n) => proxy().failNth(n, "throttled") },
    { name: "an error of the server", armNth: (n) => proxy().failNth(n, "serverError") },
    { name: "a lost answer", armNth: (n) => proxy().failNth(n, "timeoutAfterEffect") },
  ];
}
