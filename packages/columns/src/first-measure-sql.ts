import { contextNames } from "@trinity/aggregation/event-dimensions";
import { newUserMeasure, titleDiscoveryMeasure } from "@trinity/aggregation/first-measures";
import { mediaTypeOfId } from "./dimension-sql.ts";
import { dimensionColumns, dimensionsOfFirst, eventsWith } from "./entity-sql.ts";
import { eventTable } from "./event-table.ts";
import { ofType } from "./event-type-sql.ts";
import type { MeasureSql } from "./measure-sql.ts";

/** Users by their first event, with its context and the genre they liked most. */
function usersSql(rows: string): string {
  const told = eventsWith("userNumber", rows);
  return `(
    SELECT beginning.*, favouriteGenre
    FROM (SELECT userNumber, min(atMs) AS atMs, ${dimensionsOfFirst(contextNames)} FROM ${told} GROUP BY userNumber) beginning
    LEFT JOIN ${favouriteGenres(told)} USING (userNumber)
  )`;
}

/** The genre that most liked titles of a user have, of equals the first by name. */
function favouriteGenres(told: string): string {
  return `(
    SELECT userNumber, arg_min(genre, {likes: -likes, name: ${nameOrder("genre")}}) AS favouriteGenre
    FROM (
      SELECT userNumber, genre, count(*) AS likes
      FROM (SELECT userNumber, unnest(list_distinct(genres)) AS genre FROM ${told} WHERE ${ofType("vote_content")} AND vote = 'like')
      GROUP BY userNumber, genre
    )
    GROUP BY userNumber
  )`;
}

/** Texts in the order that JavaScript has, by UTF-16 units: characters that take two of them come before U+E000. */
function nameOrder(name: string): string {
  const last = 0x10ffff;
  return `[if(unicode(c) BETWEEN ${0xe000} AND ${0xffff}, unicode(c) + ${last}, unicode(c)) FOR c IN string_split(${name}, '')]`;
}

/** Titles by the first event about them, as the first event with genres describes them; without one only by their id. */
function titlesSql(rows: string): string {
  return `(
    SELECT atMs, genre, releaseDecade, coalesce(mediaType, ${mediaTypeOfId("contentId")}) AS mediaType, contentId
    FROM (
      SELECT contentId, min(atMs) AS atMs, ${dimensionsOfFirst(["genre", "mediaType", "releaseDecade"], "genres IS NOT NULL")}
      FROM ${eventsWith("contentId", rows)} GROUP BY contentId
    )
  )`;
}

const ofEvents = { table: eventTable, reads: "all", where: "true", sums: { 0: { where: "true" } } } as const;

/** The measures of users and titles by their first event in SQL, beside `userEntity` and `titleEntity`. */
export const firstMeasureSql: Readonly<Record<string, MeasureSql>> = {
  [newUserMeasure.name]: {
    ...ofEvents,
    facts: usersSql,
    dimension: dimensionColumns(...contextNames, "favouriteGenre"),
    component: "userNumber",
  },
  [titleDiscoveryMeasure.name]: {
    ...ofEvents,
    facts: titlesSql,
    dimension: dimensionColumns("contentId", "genre", "mediaType", "releaseDecade"),
  },
};
