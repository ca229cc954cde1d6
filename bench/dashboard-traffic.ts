import type { EventContext, EventSource, Properties, Pseudonym, StoredEvent } from "@trinity/events/event";
import { type SeededChoice, seededChoice, uuidV7 } from "@trinity/testing/seeded-random";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const days = 30;

/** The days of the traffic, complete and past: a store that was built once can be asked again on any other day. */
export const trafficRange = { fromMs: Date.UTC(2026, 9, 1), toMs: Date.UTC(2026, 9, 1) + days * dayMs };

export type DashboardTraffic = {
  readonly seed: number;
  /** In the range. */
  readonly events: number;
  /** All of them signed up in the days before; a few are active every day, most only sometimes. */
  readonly users: number;
};

/** The load of each hour of a day, and of each day of a week from Sunday on. */
const byHour = [0.6, 0.3, 0.15, 0.08, 0.05, 0.05, 0.1, 0.2, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.1, 1, 1.1, 1.3, 1.6, 2.1, 3, 3.2, 1.9];
const byWeekday = [1.2, 0.8, 0.8, 0.85, 0.95, 1.3, 1.4];

const titles = 3_000;
const genres = [
  "action",
  "animation",
  "comedy",
  "crime",
  "drama",
  "family",
  "fantasy",
  "horror",
  "mystery",
  "romance",
  "thriller",
  "western",
];
const locales = ["es-ES", "es-MX", "en-GB", "de-DE", "fr-FR", "pt-BR"];
const ageBands = ["18-24", "25-34", "35-44", "45-54"];
const devices: readonly EventContext[] = [
  { platform: "ios", deviceType: "phone", appVersion: "3.4.1" },
  { platform: "ios", deviceType: "tablet", appVersion: "3.4.0" },
  { platform: "android", deviceType: "phone", appVersion: "3.4.1" },
  { platform: "android", deviceType: "phone", appVersion: "3.3.9" },
  { platform: "web", deviceType: "desktop", appVersion: "3.4.1" },
];
const operations = {
  createRoom: { service: "trinity-room", route: "createRoom", medianMs: 1_414 },
  joinRoomByInvite: { service: "trinity-room", route: "joinRoomByInvite", medianMs: 140 },
  getUserRooms: { service: "trinity-room", route: "getUserRooms", medianMs: 85 },
  vote: { service: "trinity-vote", route: "vote", medianMs: 96 },
  checkMatchBeforeAction: { service: "trinity-movie", route: "checkMatchBeforeAction", medianMs: 44 },
  getNextMovieForUser: { service: "trinity-movie", route: "getNextMovieForUser", medianMs: 113 },
  getMovies: { service: "trinity-movie", route: "getMovies", medianMs: 240 },
  getMovieDetails: { service: "trinity-movie", route: "getMovieDetails", medianMs: 150 },
} as const;

const app: EventSource = { system: "app", generation: "G2" };
const lambda: EventSource = { system: "lambda", generation: "G2" };
const otel: EventSource = { system: "otel" };

/** A user in one session. */
type Person = { readonly userId: Pseudonym; readonly sessionId: Pseudonym; readonly context: EventContext };
type About = Pick<StoredEvent, "userId" | "sessionId" | "roomId" | "context" | "source">;

/**
 * Traffic of Trinity in the form of its log: visits, and rooms in which members vote title by title until one matches, each action with the
 * spans of its requests, for 30 days with their evenings and weekends. A scenario begins at the time before which the same share of all
 * traffic is expected as was emitted so far. So any number of events fills the same days in the same shape; more events are more scenarios of
 * the same people. Each of them signed up, with one event, in the 30 days before.
 */
export function* dashboardTraffic({ seed, events, users }: DashboardTraffic): Generator<StoredEvent> {
  const random = seededChoice(seed);
  yield* signUps(random, users);
  const timeOf = busyTimes();
  for (let generated = 0; generated < events; ) {
    const scenario = new Scenario(random, users, timeOf(generated / events));
    if (random.chance(0.3)) scenario.emitRoom();
    else scenario.emitVisit();
    for (const event of scenario.events) {
      if (generated === events) return;
      generated += 1;
      yield event;
    }
  }
}

/** In an order independent of how often users are active: a prime number apart. */
function* signUps(random: SeededChoice, users: number): Generator<StoredEvent> {
  for (let i = 0; i < users; i++) {
    const scenario = new Scenario(random, users, trafficRange.fromMs - Math.ceil(((users - i) * days * dayMs) / users));
    scenario.emitSignUp((i * 7_919) % users);
    yield* scenario.events;
  }
}

/** @returns the instant before which a share of all traffic is expected */
function busyTimes(): (share: number) => number {
  const weights = Array.from({ length: days * 24 }, (_, hour) => {
    const weekday = new Date(trafficRange.fromMs + hour * hourMs).getUTCDay();
    return (byHour[hour % 24] as number) * (byWeekday[weekday] as number);
  });
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let hour = 0;
  let before = 0;
  return (share) => {
    while (hour < weights.length - 1 && (before + (weights[hour] as number)) / whole <= share) before += weights[hour++] as number;
    const within = (share * whole - before) / (weights[hour] as number);
    return trafficRange.fromMs + Math.floor((hour + within) * hourMs);
  };
}

class Scenario {
  readonly events: StoredEvent[] = [];
  readonly #random: SeededChoice;
  readonly #users: number;
  #atMs: number;

  constructor(random: SeededChoice, users: number, atMs: number) {
    this.#random = random;
    this.#users = users;
    this.#atMs = atMs;
  }

  emitSignUp(user: number): void {
    this.#emit("user_registered", this.#of(this.#personOf(user)), { method: "email" });
  }

  /** A visit without a room; every third shows only the first screen. */
  emitVisit(): void {
    const random = this.#random;
    const person = this.#person();
    this.#openApp(person);
    for (let left = random.chance(0.33) ? 0 : 1 + random.below(5); left > 0; left--) {
      this.#wait(20_000);
      if (random.chance(0.5)) {
        this.#emit("media_viewed", this.#of(person), this.#title());
        this.#request("getMovieDetails");
      } else {
        this.#emit("screen_view", this.#of(person), { screen: random.pick(["search", "rooms", "profile"]) });
        this.#request(random.chance(0.5) ? "getMovies" : "getUserRooms");
      }
    }
  }

  emitRoom(): void {
    const random = this.#random;
    const seats = 2 + random.below(4);
    const roomId = this.#id("r");
    const host = this.#person();
    this.#openApp(host);
    const created = { seats, mediaType: "movie", genres: [random.pick(genres)], titleCount: 50 };
    this.#emit("room_created", { ...this.#of(host), roomId }, created);
    this.#request("createRoom");
    const members = [host];
    for (let guest = 1; guest < seats && random.chance(0.85); guest++) {
      this.#wait(40_000);
      const person = this.#person();
      members.push(person);
      this.#openApp(person);
      this.#emit("join_room", { ...this.#of(person), roomId }, { seatsTaken: members.length });
      this.#request("joinRoomByInvite");
    }
    this.#emit("room_started", this.#byLambda(roomId), { trigger: "first_vote" });
    const last = this.#emitVoting(members, roomId);
    const ending = random.below(100);
    if (ending < 55) this.#emit("match_found", this.#byLambda(roomId), { contentId: last });
    else if (ending < 80) this.#emit("no_consensus", this.#byLambda(roomId), {});
    else if (ending < 90) this.#emit("leave_room", { ...this.#of(random.pick(members)), roomId }, {});
  }

  /** @returns the last title */
  #emitVoting(members: readonly Person[], roomId: Pseudonym): string {
    const random = this.#random;
    let title = this.#title();
    for (let left = 3 + random.below(14); left > 0; left--) {
      title = this.#title();
      for (const member of members) {
        const about = { ...this.#of(member), roomId };
        this.#wait(1_500);
        this.#emit("title_shown", about, title);
        const dwellMs = 300 + random.below(6_000);
        this.#atMs += dwellMs;
        const vote = random.pick(["like", "dislike", "dislike", "skip"]);
        this.#emit("vote_content", about, { ...title, vote, dwellMs, recommended: random.chance(0.4), input: "swipe" });
        this.#request("checkMatchBeforeAction");
        this.#request("vote");
        if (random.chance(0.5)) this.#request("getNextMovieForUser");
      }
    }
    return title.contentId;
  }

  #openApp(person: Person): void {
    if (this.#random.chance(0.25)) this.#emit("user_login", this.#of(person), { method: "email" });
    this.#emit("screen_view", this.#of(person), { screen: "home" });
    this.#wait(4_000);
  }

  #request(name: keyof typeof operations): void {
    const random = this.#random;
    const { service, route, medianMs } = operations[name];
    const failed = random.chance(0.02);
    // The sum of three uniform numbers is nearly normal, so durations are nearly lognormal around their median.
    const bell = (unit(random) + unit(random) + unit(random)) * 2 - 3;
    const durationUs = Math.round(medianMs * 1_000 * Math.exp(0.45 * bell));
    const ids = { traceId: hex(random, 4), spanId: hex(random, 2) };
    const properties = { service, route, kind: "server", statusClass: failed ? "5xx" : "2xx", failed, durationUs, ...ids };
    this.#emit("span", { userId: null, sessionId: null, roomId: null, context: {}, source: otel }, properties);
  }

  #emit(eventType: string, about: About, properties: Properties): void {
    const timestampMs = this.#atMs;
    this.events.push({
      eventId: uuidV7(timestampMs, this.#random),
      eventType,
      timestampMs,
      receivedAtMs: timestampMs,
      ...about,
      properties,
    });
  }

  #wait(mostMs: number): void {
    this.#atMs += this.#random.below(mostMs);
  }

  #person(): Person {
    return this.#personOf(Math.floor(this.#users * unit(this.#random) ** 2));
  }

  #personOf(user: number): Person {
    const context = {
      ...(devices[user % devices.length] as EventContext),
      locale: locales[user % locales.length] as string,
      ageBand: ageBands[user % ageBands.length] as string,
    };
    return { userId: `u${mixed(user)}` as Pseudonym, sessionId: this.#id("s"), context };
  }

  #of({ userId, sessionId, context }: Person): About {
    return { userId, sessionId, roomId: null, context, source: app };
  }

  #byLambda(roomId: Pseudonym): About {
    return { userId: null, sessionId: null, roomId, context: {}, source: lambda };
  }

  #title() {
    const number = Math.floor(titles * unit(this.#random) ** 2);
    return {
      contentId: `movie:${1_000 + number}`,
      mediaType: "movie",
      genres: [...new Set([genres[number % 12] as string, genres[(number * 5 + 3) % 12] as string])],
    };
  }

  #id(prefix: string): Pseudonym {
    return `${prefix}${hex(this.#random, 4)}` as Pseudonym;
  }
}

function unit(random: SeededChoice): number {
  return random.unit();
}

function hex(random: SeededChoice, words: number): string {
  return Array.from({ length: words }, () => random.uint32().toString(16).padStart(8, "0")).join("");
}

/** Spreads numbers over the key space, like pseudonyms. */
function mixed(number: number): string {
  return (Math.imul(number + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, "0") + number.toString(16).padStart(8, "0");
}
