import type { TitleCatalog } from "./catalog-of-titles.ts";
import type { DefectRates } from "./defects.ts";
import type { Person } from "./people.ts";
import type { Population } from "./population.ts";
import type { Random } from "./random.ts";
import { emitEnding, emitStart } from "./room-ending.ts";
import { emitGuest, emitTurnedAway } from "./room-joining.ts";
import { drawJoinTimes, type Member, seatMember } from "./room-member.ts";
import { emitOpening } from "./room-opening.ts";
import { planRoom, type RoomPlan } from "./room-plan.ts";
import { emitVoting } from "./room-voting.ts";
import { Scenario } from "./scenario.ts";

/** What scenarios are made from. */
export type World = { readonly titles: TitleCatalog; readonly population: Population; readonly defects: DefectRates };

const friendShare = 0.7;
const turnedAwayShare = 0.01;

/** Trinity's own test rows name the same host every time. */
const asTester = (person: Person, seat: number): Person => ({ ...person, userId: seat === 0 ? "test-user" : `test-user-${seat + 1}` });

/** Up to `count` others who are not in the room yet; fewer when the population is small. */
function drawGuests(population: Population, host: Person, count: number, atMs: number, random: Random): readonly Person[] {
  const guests = new Map<string, Person>();
  for (let attempt = 0; guests.size < count && attempt < 8 * count; attempt++) {
    const guest = random.chance(friendShare) ? population.pickFriend(host, random, atMs) : population.pick(random, atMs);
    if (guest !== undefined && guest.userId !== host.userId) guests.set(guest.userId, guest);
  }
  return [...guests.values()];
}

/** The guests arrive one after the other and take their seats. */
function emitArrivals(scenario: Scenario, plan: RoomPlan, guests: readonly Person[], joinTimes: readonly number[]): readonly Member[] {
  const fills = guests.length + 1 === plan.seats;
  return guests.map((guest, index) => {
    const joinMs = joinTimes[index] ?? 0;
    return seatMember(guest, emitGuest(scenario, plan, guest, joinMs, index + 2), joinMs, false, fills, scenario.random);
  });
}

/**
 * The life of one room, from the host opening the app to the last member looking at the match, or to silence.
 * @param startMs when the host opens the app
 */
export function roomScenario(world: World, startMs: number, host: Person, random: Random): Scenario {
  const scenario = new Scenario(random);
  const { population } = world;
  const plan = planRoom(world.titles, world.defects, random);
  const hostHere = plan.test ? asTester(host, 0) : host;
  const { session, createdMs } = emitOpening(scenario, plan, hostHere, startMs);
  const joinTimes = drawJoinTimes(plan, createdMs, random);
  const invited = drawGuests(population, host, joinTimes.length, startMs, random);
  const guests = plan.test ? invited.map((guest, index) => asTester(guest, index + 1)) : invited;
  const hostMember = seatMember(hostHere, session, createdMs + 10_000, true, guests.length + 1 === plan.seats, random);
  const members = [hostMember, ...emitArrivals(scenario, plan, guests, joinTimes)];
  const outcome = emitVoting(scenario, plan, members);
  emitStart(scenario, plan, members, createdMs, outcome.firstVoteMs);
  if (members.length === plan.seats && random.chance(turnedAwayShare)) {
    const outsider = population.pick(random, startMs);
    if (outsider !== undefined && !plan.test) emitTurnedAway(scenario, plan, outsider, (members.at(-1)?.joinMs ?? createdMs) + 20_000);
  }
  emitEnding(scenario, plan, members, createdMs, outcome);
  return scenario;
}
