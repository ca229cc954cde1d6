import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import { contextOf, type EventContext, titleDimensionsOf } from "../event-dimensions.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";
import { contextCodec, type EntityCodec, type EntityDeclaration, keysFrom } from "./entity-declaration.ts";
import { changedAt, type KeyedList } from "./keyed-list.ts";

/** A user: the first event with its context, liked genres, and the small number that stands for the user in sets. */
export type User = {
  readonly number: number;
  readonly first: EventStamp;
  readonly context: EventContext;
  /** How many liked titles were of each genre. */
  readonly likes: KeyedList<number>;
};

/** @param number the user's number, used only when the user was unknown before */
export function mergeUser(user: User | undefined, event: StoredEvent, number: number): User {
  const likes = withLike(user?.likes ?? noLikes, event);
  if (user === undefined) return { number, first: stampOf(event), context: contextOf(event), likes };
  if (isBefore(event, user.first)) return { number: user.number, first: stampOf(event), context: contextOf(event), likes };
  return likes === user.likes ? user : { ...user, likes };
}

const noLikes: User["likes"] = [];

function withLike(likes: User["likes"], event: StoredEvent): User["likes"] {
  if (event.eventType !== "vote_content" || event.properties.vote !== "like") return likes;
  const { genre = [] } = titleDimensionsOf(event);
  return (genre as readonly string[]).reduce((list, name) => changedAt(list, name, (count = 0) => count + 1), likes);
}

/** @returns the genre that is liked most, of equals the first by name; `undefined` for a user without likes */
function favouriteGenreOf({ likes }: Pick<User, "likes">): string | undefined {
  const most = Math.max(...likes.map(([, count]) => count));
  return likes.find(([, count]) => count === most)?.[0];
}

/** A user is new once, at the first event. */
function contributionsOfUser(user: User, userId: string): readonly Contribution[] {
  const favouriteGenre = favouriteGenreOf(user);
  const dimensions = favouriteGenre === undefined ? user.context : { ...user.context, favouriteGenre };
  return [{ measure: "new_user", atMs: user.first.atMs, dimensions, amounts: [user.number, 1], userId }];
}

export const userEntity: EntityDeclaration<User> = {
  storedKind: "user",
  subject: "user",
  partOf: null,
  rowsAre: "users",
  clusterOf: (key) => key,
  ownerOf: (key) => key,
  keysOf: ({ userId }) => keysFrom(userId),
  merge: (before, event, { nextUserNumber }) => mergeUser(before, event, nextUserNumber),
  contributions: contributionsOfUser,
  // Its first event.
  contributesWithinMs: 0,
  codec: contextCodec as EntityCodec<User>,
};
