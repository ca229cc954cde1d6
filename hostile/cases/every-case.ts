import type { HostileCase } from "../hostile-case.ts";
import { compressionCases } from "./compression.ts";
import { eventCases } from "./events.ts";
import { jsonCases } from "./json.ts";
import { keyCases } from "./keys.ts";
import { otlpCases } from "./otlp.ts";
import { protobufCases } from "./protobuf.ts";
import { requestCases } from "./requests.ts";
import { transportCases } from "./transport.ts";

/** The table: everything but the mutations. */
export function everyCase(): readonly HostileCase[] {
  return [
    ...transportCases,
    ...requestCases,
    ...compressionCases,
    ...jsonCases,
    ...eventCases,
    ...protobufCases,
    ...otlpCases,
    ...keyCases,
  ];
}
