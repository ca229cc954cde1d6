import { type AppSession, startSession } from "./app-session.ts";
import type { TitleCatalog } from "./catalog-of-titles.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { Story } from "./story.ts";

const bounceShare = 0.45;
const logoutShare = 0.03;

type Pastime = (story: Story, session: AppSession, titles: TitleCatalog, atMs: number) => void;

const search: Pastime = (story, session, _titles, atMs) => {
  const { random } = story;
  const found = random.chance(0.1) ? 0 : 1 + random.below(20);
  story.appEvent(session, atMs, "screen_view", { screen: "explore" });
  story.request(session, atMs + 3_000, "getMovies");
  const properties = { queryLength: 3 + random.below(20), filter: random.pick(["all", "movie", "tv"]), resultCount: found };
  story.appEvent(session, atMs + 3_500, "search_performed", properties);
};

const readTitle: Pastime = (story, session, titles, atMs) => {
  const { random } = story;
  const { all } = titles[random.chance(0.75) ? "movie" : "tv"];
  const title = all[random.zipf(all.length, 0.9)];
  if (title === undefined) return;
  const { contentId, mediaType, genres } = title;
  story.request(session, atMs, "getMovieDetails");
  story.appEvent(session, atMs + 100, "screen_view", { screen: "media" });
  story.appEvent(session, atMs + 200, "media_viewed", { contentId, mediaType, genres, origin: "explore" });
  if (random.chance(0.3)) story.appEvent(session, atMs + 9_000, "trailer_opened", { contentId, mediaType });
  if (random.chance(0.2)) story.appEvent(session, atMs + 12_000, "list_added", { contentId, mediaType });
};

const lookAtRooms: Pastime = (story, session, _titles, atMs) => {
  story.appEvent(session, atMs, "screen_view", { screen: "rooms" });
  story.request(session, atMs + 50, "getUserRooms");
};

const lookAtProfile: Pastime = (story, session, _titles, atMs) => {
  story.appEvent(session, atMs, "screen_view", { screen: "profile" });
  if (story.random.chance(0.1)) story.appEvent(session, atMs + 15_000, "profile_updated", { changedFields: ["name"] });
};

function tellPastimes(story: Story, session: AppSession, titles: TitleCatalog, startMs: number): void {
  const { random } = story;
  let atMs = startMs;
  for (let left = 1 + Math.floor(random.exponential(2.5)); left > 0; left--) {
    const pastime = random.weighted<Pastime>([
      [search, 25],
      [readTitle, 40],
      [lookAtRooms, 25],
      [lookAtProfile, 10],
    ]);
    pastime(story, session, titles, atMs);
    atMs += 15_000 + Math.round(Math.min(600_000, random.lognormal(25_000, 1)));
  }
  if (random.chance(logoutShare)) story.appEvent(session, atMs, "user_logout", { reason: "user" });
}

/** Somebody looks around in the app without a room; many look at the first screen only. */
export function tellVisit(titles: TitleCatalog, startMs: number, person: Person, random: Random): Story {
  const story = new Story(random);
  const session = startSession(person, startMs, random);
  const readyMs = story.openApp(session, "home");
  if (!random.chance(bounceShare)) tellPastimes(story, session, titles, readyMs);
  return story;
}

/** The first time: a person signs up and looks around. */
export function tellRegistration(titles: TitleCatalog, person: Person, random: Random): Story {
  const story = new Story(random);
  const startMs = person.arrivedAtMs;
  const session = startSession(person, startMs, random);
  story.appEvent(session, startMs, "screen_view", { screen: "register" });
  const signedUpMs = startMs + 15_000 + Math.round(random.lognormal(25_000, 0.6));
  story.appEvent(session, signedUpMs, "user_registered", { method: person.signIn });
  story.appEvent(session, signedUpMs + 800, "user_login", { method: person.signIn });
  story.appEvent(session, signedUpMs + 1_500, "screen_view", { screen: "home", previousScreen: "register" });
  tellPastimes(story, session, titles, signedUpMs + 6_000);
  return story;
}
