import { type AppSession, startSession } from "./app-session.ts";
import type { TitleCatalog } from "./catalog-of-titles.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { Scenario } from "./scenario.ts";

const bounceShare = 0.45;
const logoutShare = 0.03;

type Pastime = (scenario: Scenario, session: AppSession, titles: TitleCatalog, atMs: number) => void;

const search: Pastime = (scenario, session, _titles, atMs) => {
  const { random } = scenario;
  const found = random.chance(0.1) ? 0 : 1 + random.below(20);
  scenario.appEvent(session, atMs, "screen_view", { screen: "explore" });
  scenario.request(session, atMs + 3_000, "getMovies");
  const properties = { queryLength: 3 + random.below(20), filter: random.pick(["all", "movie", "tv"]), resultCount: found };
  scenario.appEvent(session, atMs + 3_500, "search_performed", properties);
};

const readTitle: Pastime = (scenario, session, titles, atMs) => {
  const { random } = scenario;
  const { all } = titles[random.chance(0.75) ? "movie" : "tv"];
  const title = all[random.zipf(all.length, 0.9)];
  if (title === undefined) return;
  const { contentId, mediaType, genres } = title;
  scenario.request(session, atMs, "getMovieDetails");
  scenario.appEvent(session, atMs + 100, "screen_view", { screen: "media" });
  scenario.appEvent(session, atMs + 200, "media_viewed", { contentId, mediaType, genres, origin: "explore" });
  if (random.chance(0.3)) scenario.appEvent(session, atMs + 9_000, "trailer_opened", { contentId, mediaType });
  if (random.chance(0.2)) scenario.appEvent(session, atMs + 12_000, "list_added", { contentId, mediaType });
};

const lookAtRooms: Pastime = (scenario, session, _titles, atMs) => {
  scenario.appEvent(session, atMs, "screen_view", { screen: "rooms" });
  scenario.request(session, atMs + 50, "getUserRooms");
};

const lookAtProfile: Pastime = (scenario, session, _titles, atMs) => {
  scenario.appEvent(session, atMs, "screen_view", { screen: "profile" });
  if (scenario.random.chance(0.1)) scenario.appEvent(session, atMs + 15_000, "profile_updated", { changedFields: ["name"] });
};

function emitPastimes(scenario: Scenario, session: AppSession, titles: TitleCatalog, startMs: number): void {
  const { random } = scenario;
  let atMs = startMs;
  for (let left = 1 + Math.floor(random.exponential(2.5)); left > 0; left--) {
    const pastime = random.weighted<Pastime>([
      [search, 25],
      [readTitle, 40],
      [lookAtRooms, 25],
      [lookAtProfile, 10],
    ]);
    pastime(scenario, session, titles, atMs);
    atMs += 15_000 + Math.round(Math.min(600_000, random.lognormal(25_000, 1)));
  }
  if (random.chance(logoutShare)) scenario.appEvent(session, atMs, "user_logout", { reason: "user" });
}

/** Somebody looks around in the app without a room; many look at the first screen only. */
export function visitScenario(titles: TitleCatalog, startMs: number, person: Person, random: Random): Scenario {
  const scenario = new Scenario(random);
  const session = startSession(person, startMs, random);
  const readyMs = scenario.openApp(session, "home");
  if (!random.chance(bounceShare)) emitPastimes(scenario, session, titles, readyMs);
  return scenario;
}

/** The first time: a person signs up and looks around. */
export function registrationScenario(titles: TitleCatalog, person: Person, random: Random): Scenario {
  const scenario = new Scenario(random);
  const startMs = person.arrivedAtMs;
  const session = startSession(person, startMs, random);
  scenario.appEvent(session, startMs, "screen_view", { screen: "register" });
  const signedUpMs = startMs + 15_000 + Math.round(random.lognormal(25_000, 0.6));
  scenario.appEvent(session, signedUpMs, "user_registered", { method: person.signIn });
  scenario.appEvent(session, signedUpMs + 800, "user_login", { method: person.signIn });
  scenario.appEvent(session, signedUpMs + 1_500, "screen_view", { screen: "home", previousScreen: "register" });
  emitPastimes(scenario, session, titles, signedUpMs + 6_000);
  return scenario;
}
