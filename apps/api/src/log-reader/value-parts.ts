import { partsOf } from "../json-pieces.ts";

/** What belongs at a place of a value: the value itself, or the next items of the array there. The place is the path to it. */
export type ValuePart = { readonly at: readonly (string | number)[] } & (
  | { readonly value: unknown }
  | { readonly items: readonly unknown[] }
);

/** Fewer values are sent at once: taking them takes a few milliseconds. */
const valuesAtOnce = 2_000;

/** Cuts a value into parts, so that a process that takes it can do other things in between. Anything but plain objects and arrays stays whole. */
export function valueParts(value: unknown, valuesMax = valuesAtOnce): Generator<ValuePart> {
  return partsAt([], value, valuesMax);
}

function* partsAt(at: ValuePart["at"], value: unknown, valuesMax: number): Generator<ValuePart> {
  if (partsOf(value, valuesMax) < valuesMax) yield { at, value };
  else if (Array.isArray(value)) yield* arrayParts(at, value, valuesMax);
  else if (isPlain(value)) yield* objectParts(at, value, valuesMax);
  else yield { at, value };
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function* arrayParts(at: ValuePart["at"], array: readonly unknown[], valuesMax: number): Generator<ValuePart> {
  yield { at, value: [] };
  let [items, values]: [unknown[], number] = [[], 0];
  for (const [index, item] of array.entries()) {
    const more = partsOf(item, valuesMax);
    if (items.length > 0 && values + more > valuesMax) {
      yield { at, items };
      [items, values] = [[], 0];
    }
    if (more < valuesMax) {
      items.push(item);
      values += more;
    } else yield* partsAt([...at, index], item, valuesMax);
  }
  if (items.length > 0) yield { at, items };
}

function* objectParts(at: ValuePart["at"], object: Readonly<Record<string, unknown>>, valuesMax: number): Generator<ValuePart> {
  yield { at, value: {} };
  for (const [name, property] of Object.entries(object)) yield* partsAt([...at, name], property, valuesMax);
}

/** Puts the parts of a value together, in the order in which they were cut. */
export class ValueOfParts {
  readonly #root: { value: unknown } = { value: undefined };

  add(part: ValuePart): void {
    const path = ["value", ...part.at];
    const last = path.pop() as string | number;
    const holder = path.reduce((value, key) => value[key] as Holder, this.#root as Holder);
    if ("items" in part) for (const item of part.items) (holder[last] as unknown[]).push(item);
    // Assigned, a property with the name `__proto__` would be none.
    else Object.defineProperty(holder, last, { value: part.value, configurable: true, enumerable: true, writable: true });
  }

  get value(): unknown {
    return this.#root.value;
  }
}

type Holder = Record<string | number, unknown>;
