import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { clientConfigOf } from "@trinity/storage-dynamodb/client/dynamo";
import { fullNameOf } from "@trinity/storage-dynamodb/tables";
import { type Drill, type DrillDynamo, type DrillPlace, type DrillProcess, type DrillStep, step } from "./drill.ts";

type Item = Record<string, AttributeValue>;

const rejectedWithinMs = 10_000;
const namedWithinMs = 30_000;
const often = { TRINITY_VERIFY_INTERVAL: "1s", TRINITY_LOG_CHECK_INTERVAL: "1s" };
const range = "from=1970-01-01&to=2100-01-01";
const isOlder = /the table events lacks commit \d+, but \d+ (are counted|were acknowledged); restore all tables to the same moment/;

/** Row 19 on tables: the log is restored to an older moment than the state. */
export const olderEventsTable: Drill = {
  row: "19",
  what: "DynamoDB: the table events is restored to an older moment than the others, and put back",
  async run(place) {
    const dynamo = await place.dynamo();
    const table = openEventsTable(dynamo);
    try {
      const first = await place.start("ingest", dynamo.environment);
      await place.send(first, 5);
      await first.stop();
      const older = await table.items();
      const [second, asked] = [await place.start("ingest", dynamo.environment), await place.start("api", dynamo.environment)];
      await place.send(second, 5);
      await asked.total("votes");
      await Promise.all([second.stop(), asked.stop()]);
      const whole = await table.items();
      await table.restore(older);
      const rejected = await rejectedByAll(place, dynamo);
      await table.restore(whole);
      const [ingest, api] = [await place.start("ingest", dynamo.environment), await place.start("api", dynamo.environment)];
      return [...rejected, ...(await place.checkLedger({ ingest, api }))];
    } finally {
      table.close();
    }
  },
};

/** Row 19 on tables: the same under running processes, one of which appended last. */
export const olderEventsTableUnderway: Drill = {
  row: "19",
  what: "DynamoDB: the table events is restored to an older moment under running processes, and put back",
  async run(place) {
    const dynamo = await place.dynamo();
    const table = openEventsTable(dynamo);
    try {
      const [ingest, other] = [await place.start("ingest", dynamo.environment), await place.start("ingest", dynamo.environment)];
      const [api, worker] = [await place.start("api", dynamo.environment), await place.start("worker", dynamo.environment)];
      await place.send(ingest, 5);
      const older = await table.items();
      await place.send(ingest, 5);
      await api.total("votes");
      const whole = await table.items();
      await table.restore(older);
      const answers = [await place.sendOnce(ingest), await place.sendOnce(other)];
      const total = await api.total("votes");
      const reds = [];
      for (const one of [ingest, other, api, worker]) reds.push(await redWithReason(place, one, "that continues to run"));
      await table.restore(whole);
      const isGreen = async () =>
        (await Promise.all([ingest, other, api, worker].map((one) => one.readiness()))).every(({ status }) => status === 200);
      const green = await place.until(isGreen, rejectedWithinMs);
      return [
        ...answers.map((answer) =>
          step(
            "the next event gets 503 with the reason, and no acknowledgement",
            `${answer?.status} ${answer?.text}`,
            answer?.status === 503 && isOlder.test(answer.text),
          ),
        ),
        step("the next question gets 503", total, total === "503"),
        ...reds,
        step("green within 10 s after the correct table is back", green === null ? "never" : `after ${green} ms`, green !== null),
        ...(await place.checkLedger({ ingest, api })),
      ];
    } finally {
      table.close();
    }
  },
};

/** Row 20 on tables: the index that finds repeats and time ranges is gone. */
export const lostItems: Drill = {
  row: "20",
  what: "DynamoDB: the items of the index of ids and days are deleted",
  async run(place) {
    const dynamo = await place.dynamo();
    const table = openEventsTable(dynamo);
    try {
      const first = await place.start("ingest", dynamo.environment);
      const early = await place.sendOnce(first);
      // A block of the index is 64 commits.
      await place.send(first, 70);
      const index = async () => (await table.items()).filter((item) => /^(ids?|day)#/.test(textOf(item, "pk"))).length;
      await place.until(async () => (await index()) > 0, namedWithinMs);
      await first.stop();
      const before = await index();
      const deleted = await table.deleteIndex();
      const worker = await place.start("worker", { ...dynamo.environment, ...often });
      const mended = await place.until(async () => (await index()) === before, namedWithinMs);
      const logged = await place.until(() => lineWith(worker, "were mended") !== "none does", namedWithinMs);
      const [ingest, api] = [await place.start("ingest", dynamo.environment), await place.start("api", dynamo.environment)];
      const again = await place.sendOnce(ingest, early?.batch ?? []);
      return [
        step(
          `all ${deleted} items are back within 30 s`,
          mended === null ? `${await index()} of ${before}` : `after ${mended} ms`,
          mended !== null,
        ),
        step("a log line of the worker reports the repair", lineWith(worker, "were mended"), logged !== null),
        step("a repeat of the first batch is acknowledged", `${again?.status}`, again?.status === 202),
        ...(await place.checkLedger({ ingest, api })),
      ];
    } finally {
      table.close();
    }
  },
};

async function rejectedByAll(place: DrillPlace, { environment }: DrillDynamo): Promise<readonly DrillStep[]> {
  const [ingest, api] = [await place.start("ingest", environment), await place.start("api", environment)];
  const steps = [await redWithReason(place, ingest), await redWithReason(place, api)];
  const answer = await place.sendOnce(ingest);
  const total = await api.total("votes");
  await Promise.all([ingest.stop(), api.stop()]);
  return [
    ...steps,
    step("an event gets 503 with the reason", `${answer?.status} ${answer?.text}`, answer?.status === 503 && isOlder.test(answer.text)),
    step("the API answers 503", total, total === "503"),
  ];
}

async function redWithReason(place: DrillPlace, one: DrillProcess, which = "that starts then"): Promise<DrillStep> {
  const reasons = async () => Object.values((await one.readiness()).checks).map(({ reason }) => reason ?? "");
  const red = await place.until(async () => (await reasons()).some((reason) => isOlder.test(reason)), rejectedWithinMs);
  const { status, checks } = await one.readiness();
  return step(
    `${one.app} ${which} is red with the reason`,
    `${status} after ${red} ms: ${JSON.stringify(checks)}`,
    red !== null && status === 503,
  );
}

/** Rows 20 and 21 on tables: items of old chunks are damaged or gone, under running processes. */
export const damagedItems: Drill = {
  row: "21",
  what: "DynamoDB: a bit of an old chunk is flipped, and the item with the payload of another is deleted",
  async run(place) {
    const dynamo = await place.dynamo();
    const table = openEventsTable(dynamo);
    try {
      const ingest = await place.start("ingest", dynamo.environment);
      await place.send(ingest, 5);
      await sendLarge(place, ingest);
      await place.send(ingest, 5);
      const [api, worker] = [
        await place.start("api", dynamo.environment),
        await place.start("worker", { ...dynamo.environment, ...often }),
      ];
      await place.until(async () => (await worker.readiness()).status === 200, namedWithinMs);
      const [flipped, withoutBody] = [await table.flipBit(), await table.deleteBody()];
      const isNamed = async () => {
        const { text } = await api.client.get("/api/v1/health/verification");
        return text.includes(`chunk ${flipped} of the log is damaged`) && text.includes(`chunk ${withoutBody} of the log lacks a piece`);
      };
      const named = await place.until(isNamed, namedWithinMs);
      const all = await Promise.all([ingest, api, worker].map((one) => one.readiness()));
      const reasons = all.map(({ status, checks }) => `${status}: ${checks["log"]?.reason}`);
      const asked = await api.client.get(`/api/v1/explore/events?metric=votes&${range}`);
      const answer = await place.sendOnce(ingest);
      return [
        step("health names both within 30 s", named === null ? "not named" : `named after ${named} ms`, named !== null),
        step(
          "/readyz of all three is red and names a chunk",
          reasons.join(" / "),
          reasons.every((reason) => /^503: chunk \d+ of the log .* \(and 1 more\)$/.test(reason)),
        ),
        step("503 that names the chunk", `${asked.status} ${asked.text}`, asked.status === 503 && /chunk \d+ of the log/.test(asked.text)),
        step(
          "a log line of the worker names the chunk",
          lineWith(worker, `chunk ${flipped} of the log`),
          lineWith(worker, `chunk ${flipped} of the log`) !== "none does",
        ),
        step("events are still accepted", `${answer?.status}`, answer?.status === 202),
      ];
    } finally {
      table.close();
    }
  },
};

/** Row 21 on tables: attributes that the checksum of the events does not cover, and a slot after the index. */
export const damagedEntries: Drill = {
  row: "21",
  what: "DynamoDB: a bit among the keys of a payload is flipped, an attribute of an entry changed, an entry deleted, and all put back",
  async run(place) {
    const dynamo = await place.dynamo();
    const table = openEventsTable(dynamo);
    try {
      const ingest = await place.start("ingest", dynamo.environment);
      await sendSmall(place, ingest, 6);
      const [api, worker] = [
        await place.start("api", dynamo.environment),
        await place.start("worker", { ...dynamo.environment, ...often }),
      ];
      await place.until(async () => (await worker.readiness()).status === 200, namedWithinMs);
      const { putBack, flipped, changed, missing } = await table.damageEntries();
      const wanted = [
        `chunk ${flipped} of the log is damaged`,
        `chunk ${changed} of the log has a damaged entry`,
        `chunk ${missing} of the log is missing`,
      ];
      const health = async () => (await api.client.get("/api/v1/health/verification")).text;
      const isNamed = async () => {
        const text = await health();
        return wanted.every((reason) => text.includes(reason));
      };
      const named = await place.until(isNamed, namedWithinMs);
      const seen = await health();
      const answer = await place.sendOnce(ingest);
      await putBack();
      const isGreen = async () =>
        (await Promise.all([ingest, api, worker].map((one) => one.readiness()))).every(({ status }) => status === 200);
      const green = await place.until(isGreen, namedWithinMs);
      return [
        step("health names all three within 30 s", named === null ? seen : `named after ${named} ms`, named !== null),
        step("events are still accepted", `${answer?.status}`, answer?.status === 202),
        step("all are ready again within 30 s after the items are back", green === null ? "never" : `after ${green} ms`, green !== null),
        ...(await place.checkLedger({ ingest, api })),
      ];
    } finally {
      table.close();
    }
  },
};

/** Batches of a few events, whose payloads are in their entries. */
async function sendSmall(place: DrillPlace, ingest: DrillProcess, batches: number): Promise<void> {
  // New tables may throttle the first requests.
  await place.send(ingest, 1);
  const like = await place.sendOnce(ingest);
  for (let sent = 0; sent < batches; sent++) {
    const small = (like?.batch ?? []).slice(0, 3).map((event, i) => ({ ...event, eventId: `small:${sent}:${i}` }));
    const sentOnce = async () => (await place.sendOnce(ingest, small))?.status === 202;
    if ((await place.until(sentOnce, namedWithinMs)) === null) throw new Error("a small batch was not acknowledged");
  }
}

function lineWith(one: DrillProcess, text: string): string {
  const line = one
    .output()
    .split("\n")
    .find((each) => each.includes(text));
  return line === undefined ? "none does" : line.slice(0, 240);
}

/** Enough keys that the payload does not fit into the entry and is stored in a separate item. */
async function sendLarge(place: DrillPlace, ingest: DrillProcess): Promise<void> {
  const like = await place.sendOnce(ingest);
  if (like === null) throw new Error("there was no answer");
  const large = Array.from({ length: 300 }, (_, i) => ({ ...like.batch[i % like.batch.length], eventId: `large:${i}` }));
  const answer = await place.sendOnce(ingest, large);
  if (answer?.status !== 202) throw new Error(`a large batch was answered with ${answer?.status}: ${answer?.text}`);
}

function openEventsTable({ direct }: DrillDynamo) {
  const client = new DynamoDBClient(clientConfigOf(direct.endpoint, direct.region));
  const TableName = fullNameOf(direct.tablePrefix, "events");

  async function items(): Promise<readonly Item[]> {
    const found: Item[] = [];
    for (let from: Item | undefined, isFirst = true; isFirst || from !== undefined; isFirst = false) {
      const page = await client.send(new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey: from }));
      found.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    }
    return found;
  }

  const put = (Item: Item) => client.send(new PutItemCommand({ TableName, Item }));
  const remove = (Key: Item) => client.send(new DeleteItemCommand({ TableName, Key }));
  const entries = async () => (await items()).filter((item) => textOf(item, "pk").startsWith("entry#"));

  return {
    items,
    /** Replaces the contents of the table by these items. */
    async restore(wanted: readonly Item[]): Promise<void> {
      for (const item of await items()) await remove(keyOf(item));
      for (const item of wanted) await put(item);
    },
    /** Flips a bit in the events of the first chunk with its payload in the entry. @returns the number of the chunk */
    async flipBit(): Promise<number> {
      const entry = (await entries()).find((item) => item["data"]?.B !== undefined) as Item;
      const bytes = Buffer.from(entry["data"]?.B as Uint8Array);
      // The events follow the ids.
      const at = bytes.length - 40;
      bytes[at] = (bytes[at] as number) ^ 1;
      await put({ ...entry, data: { B: bytes } });
      return Number(textOf(entry, "sk"));
    },
    /** Deletes the payload of a chunk whose payload is in a separate item. @returns the number of the chunk */
    async deleteBody(): Promise<number> {
      const entry = (await entries()).find((item) => item["token"] !== undefined) as Item;
      const Key = { pk: { S: `piece#${textOf(entry, "token")}` }, sk: { S: "00000" } };
      if ((await client.send(new GetItemCommand({ TableName, Key }))).Item === undefined)
        throw new Error("the payload is not in a separate item");
      await remove(Key);
      return Number(textOf(entry, "sk"));
    },
    /** @returns the number of items of the index */
    async deleteIndex(): Promise<number> {
      const index = (await items()).filter((item) => /^(ids?|day)#/.test(textOf(item, "pk")));
      for (const item of index) await remove(keyOf(item));
      return index.length;
    },
    /** Damages three entries with their payloads inside. @returns their numbers, and a function that restores them */
    async damageEntries() {
      const [first, second, third] = (await entries()).filter((item) => item["data"]?.B !== undefined) as [Item, Item, Item];
      const bytes = Buffer.from(first["data"]?.B as Uint8Array);
      // Four bytes contain the number of ids that follow.
      bytes[9] = (bytes[9] as number) ^ 1;
      await put({ ...first, data: { B: bytes } });
      await put({ ...second, at: { N: `${Number(second["at"]?.N) + 1}` } });
      await remove(keyOf(third));
      const [flipped, changed, missing] = [first, second, third].map((item) => Number(textOf(item, "sk")));
      const putBack = async () => {
        for (const item of [first, second, third]) await put(item);
      };
      return { flipped, changed, missing, putBack };
    },
    close: () => client.destroy(),
  };
}

function keyOf({ pk, sk }: Item): Item {
  return { pk: pk as AttributeValue, sk: sk as AttributeValue };
}

function textOf(item: Item, attribute: string): string {
  return item[attribute]?.S ?? "";
}
