import type { EntityDeclaration } from "./entities/entity-declaration.ts";
import { inferredSessionEntity } from "./entities/inferred-session.ts";
import { observationEntity, type StateObservation } from "./entities/observation.ts";
import { type Room, roomEntity } from "./entities/room.ts";
import { type RoomMember, roomMemberEntity } from "./entities/room-member.ts";
import { type RoomTitle, roomTitleEntity } from "./entities/room-title.ts";
import { type Session, sessionEntity } from "./entities/session.ts";
import { type StreamWindow, streamEntity } from "./entities/stream.ts";
import { type Title, titleEntity } from "./entities/title.ts";
import { type User, userEntity } from "./entities/user.ts";

/** What events add up to besides numbers, by kind. */
export type EntityOf = {
  readonly user: User;
  readonly session: Session;
  readonly inferredSession: Session;
  readonly room: Room;
  readonly roomMember: RoomMember;
  readonly title: Title;
  readonly roomTitle: RoomTitle;
  readonly observation: StateObservation;
  readonly stream: StreamWindow;
};
export type EntityKind = keyof EntityOf;
export type Entity = EntityOf[EntityKind];

/** The one place that lists the kinds: a new kind is a file in `entities/`, and a line here and above. */
const declarations = {
  user: userEntity,
  session: sessionEntity,
  inferredSession: inferredSessionEntity,
  room: roomEntity,
  roomMember: roomMemberEntity,
  title: titleEntity,
  roomTitle: roomTitleEntity,
  observation: observationEntity,
  stream: streamEntity,
} satisfies { readonly [Kind in EntityKind]: EntityDeclaration<EntityOf[Kind], "room" | null> };
export const entityKinds = Object.keys(declarations) as readonly EntityKind[];

/** The kinds whose entities are parts of another entity. */
export type PartKind = { [Kind in EntityKind]: (typeof declarations)[Kind]["partOf"] extends null ? never : Kind }[EntityKind];
/** The parts of one entity by the rest of their keys: members of a room by user, its titles by content id. */
export type PartMap<Kind extends PartKind> = ReadonlyMap<string, EntityOf[Kind]>;

export function entityDeclaration(kind: EntityKind): EntityDeclaration<Entity, "room" | null> {
  return declarations[kind] as EntityDeclaration<Entity, "room" | null>;
}

export function storedKindOf(kind: EntityKind): string {
  return declarations[kind].storedKind;
}

const kindsByStored = new Map(entityKinds.map((kind) => [declarations[kind].storedKind, kind]));

/** @returns the kind that rows with this name are of; `undefined` for a name that no kind has */
export function kindOfStored(storedKind: string): EntityKind | undefined {
  return kindsByStored.get(storedKind);
}

/** @returns the entity as stores write it */
export function encodeEntity(kind: EntityKind, entity: Entity): unknown {
  const { codec } = entityDeclaration(kind);
  return codec === undefined ? entity : codec.encode(entity);
}

/** @param stored as `encodeEntity` returned it */
export function decodeEntity(kind: EntityKind, stored: unknown): Entity {
  const { codec } = entityDeclaration(kind);
  return codec === undefined ? (stored as Entity) : codec.decode(stored);
}
