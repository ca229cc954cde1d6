import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import { type Circumstances, circumstancesOf } from "../event-dimensions.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";

/** A person as the log knows one: since when, in which circumstances, and the small number that sets of distinct users use. */
export type User = {
  readonly number: number;
  readonly first: EventStamp;
  readonly circumstances: Circumstances;
};

/** @param number the user's number, used only when the user was unknown before */
export function mergeUser(user: User | undefined, event: StoredEvent, number: number): User {
  if (user !== undefined && !isBefore(event, user.first)) return user;
  return { number: user?.number ?? number, first: stampOf(event), circumstances: circumstancesOf(event) };
}

/** A user is new once, at the first event ever. */
export function contributionsOfUser(user: User): readonly Contribution[] {
  return [{ measure: "new_user", atMs: user.first.atMs, dimensions: user.circumstances, amounts: [0, 1] }];
}
