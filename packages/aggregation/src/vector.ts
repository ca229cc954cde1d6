/**
 * The algebra of every aggregate: a sparse vector of integers, component -> amount, that can be added and taken away.
 * A count is one component, a ratio two, a histogram one a bin, a set of distinct users one a user (how many events each has).
 * A component that comes to zero is absent, so equal vectors have equal contents.
 */
export type Vector = Map<number, number>;

/** A vector that is written down, as component and amount in turn: what one event or entity contributes. */
export type Amounts = readonly number[];
/** The same as cells are read: numbers of one kind are read and added in half the time of a list of small and large ones. */
export type CellAmounts = Float64Array;

/** @returns amounts by the names of their components */
export function amountsOf<Name extends string>(
  components: Readonly<Record<Name, number>>,
  values: { readonly [N in Name]?: number },
): readonly number[] {
  const amounts: number[] = [];
  for (const name in values) amounts.push(components[name], values[name] as number);
  return amounts;
}

/** Adds `times` times `amounts` to `vector`, in place. */
export function addAmounts(vector: Vector, amounts: Amounts | CellAmounts, times: 1 | -1): void {
  for (let i = 0; i < amounts.length; i += 2) addAt(vector, amounts[i] as number, times * (amounts[i + 1] as number));
}

/** Adds `other` to `vector`, in place. */
export function addVector(vector: Vector, other: ReadonlyMap<number, number>): void {
  for (const [component, amount] of other) addAt(vector, component, amount);
}

/** Takes `other` away from `vector`, in place. */
export function subtractVector(vector: Vector, other: ReadonlyMap<number, number>): void {
  for (const [component, amount] of other) addAt(vector, component, -amount);
}

function addAt(vector: Vector, component: number, amount: number): void {
  const sum = (vector.get(component) ?? 0) + amount;
  if (sum === 0) vector.delete(component);
  else vector.set(component, sum);
}
