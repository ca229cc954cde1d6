import type { StoredEvent } from "@trinity/events/event";
import { type Cell, CellDeltas } from "./cell.ts";
import { contributionsOfEvent } from "./contributions.ts";
import { belongsToInferredSession, userOfInferredSession } from "./entities/inferred-session.ts";
import { type EntityChange, EntityDraft, type EntityMaps, type EntityWrite, NamedEntities, noEntities, refsOf } from "./entity.ts";
import { addEntityChanges } from "./fold.ts";
import { measures } from "./measure-catalogue.ts";

/**
 * Removes folded events: cells lose their contributions, and their entities are rebuilt from the remaining events.
 * @param removed events that were folded
 * @param remaining all other folded events of the entities that `removed` belong to, in any order
 * @param before those entities as they are, with all inferred sessions of their users
 * @param minutesFromMs of the watermark
 */
export function unfold(
  removed: readonly StoredEvent[],
  remaining: readonly StoredEvent[],
  before: EntityMaps,
  minutesFromMs: number,
): { readonly entities: readonly EntityWrite[]; readonly cells: readonly Cell[] } {
  const deltas = new CellDeltas(measures, minutesFromMs);
  const numberOf = (userId: string) => before.user.get(userId)?.number ?? unknownUser();
  for (const event of removed) for (const contribution of contributionsOfEvent(event, numberOf)) deltas.add(contribution, -1);
  const entities = rebuilt(removed, remaining, before);
  addEntityChanges(deltas, entities);
  return { entities, cells: deltas.cells() };
}

function rebuilt(removed: readonly StoredEvent[], remaining: readonly StoredEvent[], before: EntityMaps): readonly EntityChange[] {
  const draft = new EntityDraft(new NamedEntities(remaining), noEntities(), 0);
  for (const place of remaining.keys()) draft.merge(place);
  const after = new Map(draft.changes().map((write) => [`${write.kind}:${write.key}`, write]));
  const users = new Set<string | null>(removed.filter(belongsToInferredSession).map(({ userId }) => userId));
  const touched = new Map(removed.flatMap(refsOf).map((ref) => [`${ref.kind}:${ref.key}`, ref]));
  for (const write of [
    ...after.values(),
    ...[...before.inferredSession.keys()].map((key) => ({ kind: "inferredSession" as const, key })),
  ]) {
    if (write.kind === "inferredSession" && users.has(userOfInferredSession(write.key))) touched.set(`inferredSession:${write.key}`, write);
  }
  return [...touched].map(([id, { kind, key }]) => {
    const value = after.get(id)?.value ?? null;
    // A user keeps the number that sets of distinct users know.
    const number = kind === "user" ? before.user.get(key)?.number : undefined;
    const numbered = value !== null && number !== undefined ? { ...value, number } : value;
    return { kind, key, before: before[kind].get(key), value: numbered } as EntityChange;
  });
}

function unknownUser(): never {
  throw new RangeError("an event to remove belongs to an unknown user");
}
