import { type SeededChoice, seededChoice, uuidV4, uuidV7 } from "@trinity/testing/seeded-random";

export type TrafficSettings = {
  readonly seed: number;
  readonly events: number;
  /** How many events in a row belong to one session: 20 as an SDK sends them, 1 for the hardest case, a session for each event. */
  readonly burst: number;
  /** The events happen evenly over `[startMs, startMs + spanMs)`. */
  readonly startMs: number;
  readonly spanMs: number;
  /** `random`: they are sent in random order of time. */
  readonly order?: "time" | "random";
  /** `random`: UUIDv4, whose order says nothing of time. */
  readonly ids?: "time" | "random";
};

export type VoteEvent = ReturnType<typeof voteOf>;

const users = 20_000;
const rooms = 4_000;
const titles = 5_000;

const genres = [
  "action",
  "comedy",
  "drama",
  "horror",
  "thriller",
  "romance",
  "fantasy",
  "animation",
  "crime",
  "family",
  "mystery",
  "western",
];
const locales = ["es-ES", "en-GB", "de-DE", "fr-FR", "pt-BR"];
const devices = [
  { platform: "ios", deviceType: "phone", appVersion: "3.4.1", userAgent: "Trinity/3.4.1 (iPhone15,2; iOS 17.6.1; Scale/3.00)" },
  { platform: "ios", deviceType: "tablet", appVersion: "3.4.0", userAgent: "Trinity/3.4.0 (iPad14,3; iOS 18.1; Scale/2.00)" },
  { platform: "android", deviceType: "phone", appVersion: "3.4.1", userAgent: "Trinity/3.4.1 (Android 14; SM-S918B; en_GB)" },
  { platform: "android", deviceType: "phone", appVersion: "3.3.9", userAgent: "Trinity/3.3.9 (Android 13; Pixel 7; es_ES)" },
  {
    platform: "web",
    deviceType: "desktop",
    appVersion: "3.4.1",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
  },
] as const;

/** Votes in the format of `POST /v1/events`, with all fields of a tracker: about 450 bytes of JSON each. */
export function* voteTraffic({ seed, events, burst, startMs, spanMs, order, ids }: TrafficSettings): Generator<VoteEvent> {
  const random = seededChoice(seed);
  let user = 0;
  let room = 0;
  for (let i = 0; i < events; i++) {
    if (i % burst === 0) [user, room] = [popular(random, users), popular(random, rooms)];
    const share = order === "random" ? random.unit() : i / events;
    yield voteOf(random, Math.floor(startMs + share * spanMs), user, room, ids);
  }
}

function voteOf(random: SeededChoice, atMs: number, user: number, room: number, ids: TrafficSettings["ids"]) {
  const title = popular(random, titles);
  return {
    eventId: ids === "random" ? uuidV4(random) : uuidV7(atMs, random),
    eventType: "vote_content",
    timestamp: new Date(atMs).toISOString(),
    userId: `usr_${mixed(user)}`,
    roomId: `room_${mixed(room)}`,
    sessionId: `ses_${mixed(user)}_${Math.floor(atMs / 3_600_000)}`,
    properties: {
      contentId: `movie:${1_000 + title}`,
      vote: random.pick(["like", "dislike", "dislike", "skip"] as const),
      genres: [genres[title % 12] as string, genres[(title * 5 + 3) % 12] as string],
      mediaType: "movie",
      recommended: random.chance(0.5),
      dwellMs: 200 + random.below(9_000),
    },
    context: {
      ...(devices[user % devices.length] as (typeof devices)[0]),
      locale: locales[user % 5] as string,
      ipAddress: `203.0.113.${user % 256}`,
    },
    source: { system: "app", generation: "G2" },
  };
}

/** Small numbers are more frequent, like popular people and films. */
function popular(random: SeededChoice, size: number): number {
  return Math.floor(size * random.unit() ** 2.5);
}

/** Spreads numbers over the key space, like ids. */
function mixed(number: number): string {
  return (Math.imul(number + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, "0") + number.toString(16).padStart(8, "0");
}
