import { timerSleep } from "@trinity/runtime/sleep";
import { parseLambdaConfig } from "./config.ts";
import { createDeliveryCounter } from "./delivery-counter.ts";
import { createIngestClient } from "./ingest-client.ts";
import { createLambdaHandler, type LambdaAnswer, type LambdaContext, type LambdaEvent } from "./lambda-handler.ts";
import { createRecordDelivery } from "./record-delivery.ts";
import { createRoomFactsLookup } from "./room-facts-lookup.ts";
import { createSourceClients } from "./source-clients.ts";
import { findSourceTables, type SourceTable } from "./source-table.ts";

const parsed = parseLambdaConfig(process.env);
if (!parsed.ok) throw new Error(parsed.error.join("; "));
const config = parsed.value;

const { tables: client } = createSourceClients(config.AWS_REGION, config.TRINITY_SOURCE_ENDPOINT);
const clock = { nowMs: () => Date.now() };
const counter = createDeliveryCounter();
const log = (line: object) => console.log(JSON.stringify(line));
/** Created at the first call, and reused as long as Lambda keeps this process. */
let tables: readonly SourceTable[] | null = null;

const delivery = createRecordDelivery({
  ingest: createIngestClient({
    url: config.TRINITY_INGEST_URL,
    key: config.TRINITY_INGEST_KEY,
    sleep: timerSleep,
    random: Math.random,
    onRetry: (state) => log({ ingest: state }),
  }),
  rooms: createRoomFactsLookup({ client, tables: () => tables ?? [], clock }),
  setAside: { put: async (records) => records.forEach((record) => log({ setAside: record })) },
  counts: counter,
  keepTestRows: config.TRINITY_SOURCE_TEST_ROWS === "keep",
  clock,
});
const deliver = createLambdaHandler(delivery, (ms) => AbortSignal.timeout(ms));

/** For an event source mapping of a DynamoDB stream with `ReportBatchItemFailures`. */
export async function handler(event: LambdaEvent, context: LambdaContext): Promise<LambdaAnswer> {
  tables ??= await findSourceTables(client, config.TRINITY_SOURCE_TABLES, AbortSignal.timeout(context.getRemainingTimeInMillis()));
  try {
    return await deliver(event, context);
  } finally {
    log({ delivery: counter.take() });
  }
}
