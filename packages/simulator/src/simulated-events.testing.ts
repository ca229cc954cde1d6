import type { EventBody, SimulatedMessage } from "./message.ts";
import { type Simulation, simulate } from "./simulate.ts";

/** What the tests of simulated traffic share: two days of a small community, and ways to look at it. */

export const dayMs = 86_400_000;
export const fromMs = Date.UTC(2026, 9, 23);
export const toMs = fromMs + 2 * dayMs;

export const simulated = (simulation: Partial<Simulation>) => [...simulate({ seed: 7, fromMs, toMs, scale: 0.5, ...simulation })];

export const eventsOf = (messages: readonly SimulatedMessage[]) =>
  messages.flatMap((message) => (message.kind === "event" ? [message.event] : []));

export const ofType = (events: readonly EventBody[], eventType: string) => events.filter((event) => event.eventType === eventType);

export const timeOf = (event: EventBody) => Date.parse(event.timestamp);
