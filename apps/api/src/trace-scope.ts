import { AsyncLocalStorage } from "node:async_hooks";

const traceIds = new AsyncLocalStorage<string>();

/** Runs a call under the trace id of its request: tRPC formats some errors before there is a context. */
export function inTrace<T>(traceId: string, call: () => T): T {
  return traceIds.run(traceId, call);
}

export function currentTraceId(): string {
  return traceIds.getStore() ?? "0".repeat(32);
}
