import type { TitleCatalog } from "./catalog-of-titles.ts";
import type { Crowd } from "./crowd.ts";
import type { DefectRates } from "./defects.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { tellEnding, tellStart } from "./room-ending.ts";
import { tellGuest, tellTurnedAway } from "./room-joining.ts";
import { drawJoinTimes, type Member, seatMember } from "./room-member.ts";
import { tellOpening } from "./room-opening.ts";
import { planRoom, type RoomPlan } from "./room-plan.ts";
import { tellVoting } from "./room-voting.ts";
import { Story } from "./story.ts";

/** What stories are about. */
export type World = { readonly titles: TitleCatalog; readonly crowd: Crowd; readonly defects: DefectRates };

const friendShare = 0.7;
const turnedAwayShare = 0.01;

/** Trinity's own test rows name the same host every time. */
const asTester = (person: Person, seat: number): Person => ({ ...person, userId: seat === 0 ? "test-user" : `test-user-${seat + 1}` });

/** Up to `count` others who are not in the room yet; fewer when the crowd is small. */
function drawGuests(crowd: Crowd, host: Person, count: number, atMs: number, random: Random): readonly Person[] {
  const guests = new Map<string, Person>();
  for (let attempt = 0; guests.size < count && attempt < 8 * count; attempt++) {
    const guest = random.chance(friendShare) ? crowd.pickFriend(host, random, atMs) : crowd.pick(random, atMs);
    if (guest !== undefined && guest.userId !== host.userId) guests.set(guest.userId, guest);
  }
  return [...guests.values()];
}

/** The guests arrive one after the other and take their seats. */
function tellArrivals(story: Story, plan: RoomPlan, guests: readonly Person[], joinTimes: readonly number[]): readonly Member[] {
  const fills = guests.length + 1 === plan.seats;
  return guests.map((guest, index) => {
    const joinMs = joinTimes[index] ?? 0;
    return seatMember(guest, tellGuest(story, plan, guest, joinMs, index + 2), joinMs, false, fills, story.random);
  });
}

/**
 * The life of one room, from the host opening the app to the last member looking at the match, or to silence.
 * @param startMs when the host opens the app
 */
export function tellRoom(world: World, startMs: number, host: Person, random: Random): Story {
  const story = new Story(random);
  const { crowd } = world;
  const plan = planRoom(world.titles, world.defects, random);
  const hostHere = plan.test ? asTester(host, 0) : host;
  const { session, createdMs } = tellOpening(story, plan, hostHere, startMs);
  const joinTimes = drawJoinTimes(plan, createdMs, random);
  const invited = drawGuests(crowd, host, joinTimes.length, startMs, random);
  const guests = plan.test ? invited.map((guest, index) => asTester(guest, index + 1)) : invited;
  const hostMember = seatMember(hostHere, session, createdMs + 10_000, true, guests.length + 1 === plan.seats, random);
  const members = [hostMember, ...tellArrivals(story, plan, guests, joinTimes)];
  const outcome = tellVoting(story, plan, members);
  tellStart(story, plan, members, createdMs, outcome.firstVoteMs);
  if (members.length === plan.seats && random.chance(turnedAwayShare)) {
    const outsider = crowd.pick(random, startMs);
    if (outsider !== undefined && !plan.test) tellTurnedAway(story, plan, outsider, (members.at(-1)?.joinMs ?? createdMs) + 20_000);
  }
  tellEnding(story, plan, members, createdMs, outcome);
  return story;
}
