import { conformanceOnLocal } from "./conformance-on-local.testing.ts";

// What takes hours of traffic to happen, at every step: blocks are indexed, steps are put into pages and removed.
const smallest = { blockChunks: 2, compactDeltas: 1, compactBytes: 1_000_000, entityShards: 2 };

conformanceOnLocal("the store on DynamoDB, put into pages and indexed at every step", smallest, { fails: true });
