import { conformanceOnLocal } from "./conformance-on-local.testing.ts";

// Small enough that every fold indexes blocks and compacts deltas, which otherwise takes hours of traffic.
const smallest = { blockChunks: 2, compactDeltas: 1, compactBytes: 1_000_000, entityShards: 2 };

conformanceOnLocal("the store on DynamoDB, compacted and indexed after every fold", smallest, { fails: true });
