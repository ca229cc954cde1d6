import { randomBytes } from "node:crypto";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { KeyStore, StoredApiKey } from "@trinity/storage/key-store";
import { type Action, type Condition, conditionFields, Dynamo, type DynamoSettings, type Item, type ItemKey } from "./client/dynamo.ts";

/** One partition: keys are few, and listing them is one query. */
const partition = "keys";
const historyKey: ItemKey = { pk: partition, sk: "history" };
const nameKey = (name: string): ItemKey => ({ pk: partition, sk: `name#${name}` });
const prefixKey = (prefix: string): ItemKey => ({ pk: partition, sk: `prefix#${prefix}` });

/** How many changes ago a change is still known to have been made. */
const changesKept = 32;
const attemptsMax = 20;

/**
 * How often keys were changed, and by which of the last changes. Every change is on the condition that there was none since it looked: a
 * request that arrives late, after later ones, does nothing.
 */
type History = { readonly version: number; readonly changes: readonly string[] };

/** The API keys in the table `operations`, each under its name and under its prefix. Any number of processes may use them at once. */
export function openDynamoKeyStore(settings: DynamoSettings): KeyStore {
  const dynamo = new Dynamo(settings);
  const get = (key: ItemKey) => dynamo.get("keys", "operations", key);

  /**
   * @param decide what is to be in the place of the key of that name, null to leave things as they are
   * @returns whether anything was changed
   */
  async function change(name: string, decide: (found: StoredApiKey | undefined) => StoredApiKey | "nothing" | null): Promise<boolean> {
    const id = randomBytes(9).toString("base64url");
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      // The history first: what is read after it and changes again makes the condition fail.
      const history = historyOf(await get(historyKey));
      // The answer to an earlier attempt was lost.
      if (history.changes.includes(id)) return true;
      const found = keyOf(await get(nameKey(name)));
      const wanted = decide(found);
      if (wanted === null) return false;
      const failed = await dynamo.transact("keys", actionsOf(dynamo.nameOf("operations"), history, id, found, wanted));
      if (failed === null) return true;
      if (!failed.includes(0)) throw new RangeError("a key of another name has this prefix");
    }
    throw new StoreUnavailableError("too many change keys at once");
  }

  return {
    findByPrefix: async (prefix) => keyOf(await get(prefixKey(prefix))),
    list: async () => {
      // "$" is the character after "#". Sort keys are in order of their UTF-8 bytes, as names are to be.
      const items = await dynamo.query("keys", "operations", partition, { from: "name#", to: "name$" });
      return items.map((item) => keyOf(item) as StoredApiKey);
    },
    put: async (key) => void (await change(key.name, () => key)),
    putIfAbsent: (key) => change(key.name, (found) => (found === undefined ? key : null)),
    remove: (name) => change(name, (found) => (found === undefined ? null : "nothing")),
    close: async () => dynamo.close(),
  };
}

/** The first is the one that tells whether anything was changed meanwhile. */
function actionsOf(
  table: string,
  history: History,
  id: string,
  found: StoredApiKey | undefined,
  wanted: StoredApiKey | "nothing",
): readonly Action[] {
  const put = (item: Item, condition?: Condition): Action => ({
    Put: {
      TableName: table,
      Item: item,
      ...(condition === undefined ? {} : conditionFields(condition)),
    },
  });
  const remove = (key: ItemKey): Action => ({ Delete: { TableName: table, Key: key } });
  const next = { version: history.version + 1, changes: [...history.changes, id].slice(-changesKept) };
  const first = put({ ...historyKey, ...next }, unchangedSince(history));
  if (wanted === "nothing") return [first, ...(found === undefined ? [] : [remove(nameKey(found.name)), remove(prefixKey(found.prefix))])];
  return [
    first,
    put({ ...nameKey(wanted.name), ...attributesOf(wanted) }),
    put({ ...prefixKey(wanted.prefix), ...attributesOf(wanted) }, freeOrOf(wanted.name)),
    ...(found === undefined || found.prefix === wanted.prefix ? [] : [remove(prefixKey(found.prefix))]),
  ];
}

function unchangedSince({ version }: History): Condition {
  if (version === 0) return { expression: "attribute_not_exists(pk)" };
  return { expression: "#version = :version", names: { "#version": "version" }, values: { ":version": version } };
}

function freeOrOf(name: string): Condition {
  return { expression: "attribute_not_exists(pk) OR #name = :name", names: { "#name": "name" }, values: { ":name": name } };
}

function historyOf(item: Item | null): History {
  return item === null ? { version: 0, changes: [] } : (item as Item & History);
}

// Named one by one, so that a wider object than the type says brings nothing else into the table, and the item nothing else out of it.
function attributesOf({ prefix, hash, role, name, createdAtMs, expiresAtMs }: StoredApiKey): StoredApiKey {
  return { prefix, hash, role, name, createdAtMs, expiresAtMs };
}

function keyOf(item: Item | null): StoredApiKey | undefined {
  return item === null ? undefined : attributesOf(item as Item & StoredApiKey);
}
