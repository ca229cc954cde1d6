import { randomBytes } from "node:crypto";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { KeyStore, StoredApiKey } from "@trinity/storage/key-store";
import { type Action, type Condition, conditionFields, Dynamo, type DynamoSettings, type Item, type ItemKey } from "./client/dynamo.ts";

/** One partition, because keys are few and listing them is one query. */
const partition = "keys";
const historyKey: ItemKey = { pk: partition, sk: "history" };
const nameKey = (name: string): ItemKey => ({ pk: partition, sk: `name#${name}` });
const prefixKey = (prefix: string): ItemKey => ({ pk: partition, sk: `prefix#${prefix}` });

/** How many of the last changes are remembered. */
const changesKept = 32;
const attemptsMax = 20;

/**
 * The number of changes and the ids of the last ones. A change requires that there was none since it read the history, so a delayed request has no
 * effect.
 */
type History = { readonly version: number; readonly changes: readonly string[] };

/** Opens the API keys in the table `operations`, stored by name and by prefix. Safe for any number of processes at once. */
export function openDynamoKeyStore(settings: DynamoSettings): KeyStore {
  const dynamo = new Dynamo(settings);
  const get = (key: ItemKey) => dynamo.get("keys", "operations", key);

  /**
   * @param decide returns the new key of that name, `"nothing"` to remove it, null to change nothing
   * @returns whether anything was changed
   */
  async function change(name: string, decide: (found: StoredApiKey | undefined) => StoredApiKey | "nothing" | null): Promise<boolean> {
    const id = randomBytes(9).toString("base64url");
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      // The history is read first, so that a change of the key after this read fails the condition.
      const history = historyOf(await get(historyKey));
      // An earlier attempt succeeded, but its response was lost.
      if (history.changes.includes(id)) return true;
      const found = keyOf(await get(nameKey(name)));
      const wanted = decide(found);
      if (wanted === null) return false;
      const failed = await dynamo.transact("keys", actionsOf(dynamo.nameOf("operations"), history, id, found, wanted));
      if (failed === null) return true;
      if (!failed.includes(0)) throw new RangeError("a key of another name has this prefix");
    }
    throw new StoreUnavailableError(`gave up after ${attemptsMax} conflicting changes of API keys`);
  }

  return {
    findByPrefix: async (prefix) => keyOf(await get(prefixKey(prefix))),
    list: async () => {
      // "$" is the character after "#". Sort keys are ordered by UTF-8 bytes, as names must be.
      const items = await dynamo.query("keys", "operations", partition, { from: "name#", to: "name$" });
      return items.map((item) => keyOf(item) as StoredApiKey);
    },
    put: async (key) => void (await change(key.name, () => key)),
    putIfAbsent: (key) => change(key.name, (found) => (found === undefined ? key : null)),
    remove: (name) => change(name, (found) => (found === undefined ? null : "nothing")),
    close: async () => dynamo.close(),
  };
}

/** @returns the actions; the condition of the first fails when keys were changed since the history was read */
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

// Lists every attribute, so that an object with more properties than its type stores nothing else, and an item returns nothing else.
function attributesOf({ prefix, hash, role, name, createdAtMs, expiresAtMs }: StoredApiKey): StoredApiKey {
  return { prefix, hash, role, name, createdAtMs, expiresAtMs };
}

function keyOf(item: Item | null): StoredApiKey | undefined {
  return item === null ? undefined : attributesOf(item as Item & StoredApiKey);
}
