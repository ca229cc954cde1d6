import type { EventDefinition } from "./define-event.ts";
import { accountEvents } from "./families/accounts.ts";
import { assistantEvents } from "./families/assistant.ts";
import { cacheEvents } from "./families/cache.ts";
import { clientEvents } from "./families/client.ts";
import { consensusEvents } from "./families/consensus.ts";
import { contentEvents } from "./families/content.ts";
import { invitationEvents } from "./families/invitations.ts";
import { operationsEvents } from "./families/operations.ts";
import { roomFeatureEvents } from "./families/room-features.ts";
import { roomEvents } from "./families/rooms.ts";
import { systemEvents } from "./families/system.ts";
import { votingEvents } from "./families/voting.ts";

export type EventFamily = { readonly title: string; readonly events: readonly EventDefinition[] };

/** The event types by subject, in the order of the reference page. */
export const eventFamilies: readonly EventFamily[] = [
  { title: "Accounts", events: accountEvents },
  { title: "Rooms", events: roomEvents },
  { title: "Invitations", events: invitationEvents },
  { title: "Voting", events: votingEvents },
  { title: "Consensus", events: consensusEvents },
  { title: "Content", events: contentEvents },
  { title: "Assistant", events: assistantEvents },
  { title: "Cache", events: cacheEvents },
  { title: "Client", events: clientEvents },
  { title: "Operations", events: operationsEvents },
  { title: "Room features", events: roomFeatureEvents },
  { title: "System", events: systemEvents },
];

/** Every event type that Trinity Analytics accepts. */
export const catalogue: readonly EventDefinition[] = eventFamilies.flatMap((family) => family.events);

const byName = new Map<string, EventDefinition>(
  catalogue.flatMap((definition) => [definition.eventType, ...definition.aliases].map((name) => [name, definition] as const)),
);

/** @returns the definition of an event type or of one of its aliases; `undefined` for an unknown name */
export function findDefinition(name: string): EventDefinition | undefined {
  return byName.get(name);
}
