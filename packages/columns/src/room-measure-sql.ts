import { abandonmentMs, type RoomEnding } from "@trinity/aggregation/room";
import {
  roomCreationComponent,
  roomCreationMeasure,
  roomEndComponent,
  roomEndMeasure,
  roomMilestoneComponent,
  roomMilestoneMeasure,
  roomStartComponent,
  roomStartMeasure,
  roomTitleComponent,
  roomTitleMeasure,
} from "@trinity/aggregation/room-measures";
import { titleCountMax } from "@trinity/events/property-types";
import { binSql } from "./bin-sql.ts";
import { dimensionColumns, dimensionsOfFirst, eventsWith } from "./entity-sql.ts";
import { eventTable } from "./event-table.ts";
import { ofType } from "./event-type-sql.ts";
import { ofFirstEvent } from "./first-event-sql.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { text } from "./sql-text.ts";

const earliest = (...types: readonly string[]) => `min(atMs) FILTER (${ofType(...types)})`;
const latest = (...types: readonly string[]) => `max(atMs) FILTER (${ofType(...types)})`;
const isEnding = (ending: RoomEnding) => `ending = ${text(ending)}`;

/** Every room that an event names, by its creation, what happened in it, and its titles. */
function roomsSql(rows: string): string {
  const told = eventsWith("roomId", rows);
  return `(
    SELECT course.*, createdMs, seats, seats::VARCHAR AS roomSize, mediaType, genre,
      greatest(coalesce(titleCount, 0), coalesce(offered, 0)) AS titlesOffered,
      coalesce(voted, 0) AS titlesVoted, coalesce(matchedVotes, 0) AS matchedVotes, coalesce(matchedLikes, 0) AS matchedLikes
    FROM ${coursesSql(told)} course LEFT JOIN ${creationsSql(told)} USING (roomId) LEFT JOIN ${titlesSql(told)} USING (roomId)
  )`;
}

/** What happened in each room: first what each of its users did, and what events without a user say. */
function coursesSql(told: string): string {
  return `(
    SELECT *, len(list_filter(departures, lambda atMs: atMs < endMs)) AS droppedOut
    FROM (
      SELECT *, coalesce(consensusMs, closedMs, lastMs + ${abandonmentMs}) AS endMs,
        CASE WHEN consensusMs IS NOT NULL THEN 'consensus' WHEN closedMs IS NOT NULL THEN 'no_consensus' ELSE 'abandoned' END AS ending
      FROM (
        SELECT roomId, coalesce(min(startedMs), min(firstVoteMs)) AS startMs, least(min(matchedMs), min(agreedMs)) AS consensusMs,
          coalesce(min(agreedMs), min(matchedMs)) AS agreedMs, min(closedMs) AS closedMs, max(lastMs) AS lastMs,
          sum(votes) AS votes, sum(matches) AS matches, count(*) FILTER (votes > 0 AND userNumber IS NOT NULL) AS voters,
          count(*) FILTER (isMember) AS members, count(*) FILTER (isMember AND votes > 0) AS votingMembers,
          coalesce(list(departedMs) FILTER (isMember AND departedMs IS NOT NULL), []) AS departures
        FROM (
          SELECT *, userNumber IS NOT NULL AND joinedMs IS NOT NULL AS isMember,
            least(if(leftMs > joinedMs, leftMs, NULL), if(silentMs > activeMs, silentMs, NULL)) AS departedMs
          FROM (
            SELECT roomId, userNumber,
              ${latest("room_created", "join_room")} AS joinedMs,
              ${latest("leave_room")} AS leftMs,
              max(atMs) FILTER (${ofType("member_inactive")} AND level IN ('inactive', 'excluded')) AS silentMs,
              max(atMs) FILTER (NOT ${ofType("member_inactive")}) AS activeMs,
              max(atMs) AS lastMs,
              ${earliest("room_started")} AS startedMs,
              ${earliest("vote_content")} AS firstVoteMs,
              ${earliest("match_found")} AS matchedMs,
              ${earliest("consensus_achieved")} AS agreedMs,
              ${earliest("no_consensus", "room_completed")} AS closedMs,
              count(*) FILTER (${ofType("vote_content")}) AS votes,
              count(*) FILTER (${ofType("match_found")}) AS matches
            FROM ${told} GROUP BY roomId, userNumber
          )
        )
        GROUP BY roomId
      )
    )
  )`;
}

/** What the first creation of each room says. */
function creationsSql(told: string): string {
  return `(
    SELECT roomId, min(atMs) AS createdMs, ${ofFirstEvent("if(seats > 0, seats, NULL)")} AS seats,
      ${ofFirstEvent(`if(titleCount <= ${titleCountMax}, titleCount, 0)`)} AS titleCount, ${dimensionsOfFirst(["mediaType", "genre"])}
    FROM ${told} WHERE ${ofType("room_created")} GROUP BY roomId
  )`;
}

/** How many titles each room saw, and the votes on those that matched. */
function titlesSql(told: string): string {
  const isVote = ofType("vote_content");
  const isMatch = ofType("match_found");
  return `(
    SELECT roomId, count(*) FILTER (isOffered) AS offered, count(*) FILTER (votes > 0) AS voted,
      sum(votes) FILTER (isMatched) AS matchedVotes, sum(likes) FILTER (isMatched) AS matchedLikes
    FROM (
      SELECT roomId, contentId, bool_or(NOT ${isMatch}) AS isOffered, bool_or(${isMatch}) AS isMatched,
        count(*) FILTER (${isVote}) AS votes, count(*) FILTER (${isVote} AND vote = 'like') AS likes
      FROM ${told} WHERE ${ofType("title_shown", "vote_content", "match_found")} AND contentId IS NOT NULL GROUP BY roomId, contentId
    )
    GROUP BY roomId
  )`;
}

/** Rooms by one of their instants. */
function roomsBy(atMs: string) {
  return (rows: string) => `(SELECT *, ${atMs} AS atMs FROM ${roomsSql(rows)})`;
}

/** Never negative: the clocks of two senders may disagree. */
const duration = (fromMs: string, toMs: string) => `if(${fromMs} IS NULL, NULL, greatest(0, ${toMs} - ${fromMs}))`;
const lifeMs = duration("createdMs", "endMs");
const agreementMs = `if(${isEnding("consensus")}, ${duration("startMs", "agreedMs")}, NULL)`;

/** Pairs of a room and a title, by the first vote and as it describes the title. */
function pairsSql(rows: string): string {
  const isVote = ofType("vote_content");
  const dimensions = dimensionsOfFirst(["genre", "mediaType", "releaseDecade"], isVote);
  return `(
    SELECT min(atMs) FILTER (${isVote}) AS atMs, bool_or(${ofType("match_found")}) AS isMatched, contentId, ${dimensions}
    FROM ${eventsWith("roomId", rows)} WHERE ${ofType("vote_content", "match_found")} AND contentId IS NOT NULL
    GROUP BY roomId, contentId
  )`;
}

const milestones = { created: "createdMs", started: "startMs", ended: "endMs" } as const satisfies Record<
  keyof typeof roomMilestoneComponent,
  string
>;
const everyMilestone = Object.keys(milestones) as readonly (keyof typeof milestones)[];

function milestonesSql(rows: string): string {
  const instants = everyMilestone.map((name) => `{milestone: ${text(name)}, atMs: ${milestones[name]}}`);
  return `(SELECT roomId, unnest([${instants.join(", ")}], recursive := true) FROM ${roomsSql(rows)})`;
}

const ofEvents = { table: eventTable, reads: "all" } as const;
const ofRooms = { ...ofEvents, dimension: dimensionColumns("roomSize", "mediaType", "genre", "ending") } as const;
const creation = roomCreationComponent;
const end = roomEndComponent;

/** The measures of rooms in SQL, beside `roomEntity`, `roomMemberEntity` and `roomTitleEntity`. */
export const roomMeasureSql: Readonly<Record<string, MeasureSql>> = {
  [roomCreationMeasure.name]: {
    ...ofRooms,
    facts: roomsBy("createdMs"),
    where: "true",
    sums: {
      [creation.rooms]: { where: "true" },
      [creation.seats]: { of: "seats" },
      // Without a known capacity a room does not count for the fill rate.
      [creation.seated]: { of: "if(seats IS NULL, NULL, least(members, seats))" },
      [creation.members]: { of: "members" },
      [creation.votingMembers]: { of: "votingMembers" },
      [creation.votes]: { of: "votes" },
      [creation.voters]: { of: "voters" },
      [creation.matches]: { of: "matches" },
      [creation.titlesOffered]: { of: "titlesOffered" },
      [creation.titlesVoted]: { of: "titlesVoted" },
    },
  },
  [roomStartMeasure.name]: {
    ...ofRooms,
    facts: roomsBy("startMs"),
    where: "true",
    sums: { [roomStartComponent.rooms]: { where: "true" }, [roomStartComponent.matched]: { where: "matches > 0" } },
  },
  [roomEndMeasure.name]: {
    ...ofRooms,
    facts: roomsBy("endMs"),
    where: "true",
    sums: {
      [end.rooms]: { where: "true" },
      [end.consensus]: { where: isEnding("consensus") },
      [end.timed]: { where: `${agreementMs} IS NOT NULL` },
      [end.timeSumMs]: { of: agreementMs },
      [end.lived]: { where: "createdMs IS NOT NULL" },
      [end.lifeSumMs]: { of: lifeMs },
      [end.members]: { of: "members" },
      [end.votingMembers]: { of: "votingMembers" },
      [end.droppedOut]: { of: "droppedOut" },
      [end.matchedVotes]: { of: `if(${isEnding("consensus")}, matchedVotes, 0)` },
      [end.matchedLikes]: { of: `if(${isEnding("consensus")}, matchedLikes, 0)` },
    },
    bins: [
      { of: binSql(agreementMs), first: end.timeBin0 },
      { of: binSql(lifeMs), first: end.lifeBin0 },
    ],
  },
  [roomTitleMeasure.name]: {
    ...ofEvents,
    dimension: dimensionColumns("contentId", "genre", "mediaType", "releaseDecade"),
    facts: pairsSql,
    where: "true",
    sums: { [roomTitleComponent.pairs]: { where: "true" }, [roomTitleComponent.matched]: { where: "isMatched" } },
  },
  [roomMilestoneMeasure.name]: {
    ...ofEvents,
    dimension: dimensionColumns("roomId"),
    facts: milestonesSql,
    where: "true",
    sums: Object.fromEntries(everyMilestone.map((name) => [roomMilestoneComponent[name], { where: `milestone = ${text(name)}` }])),
  },
};
