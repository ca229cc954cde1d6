import { mediaTypeOfId } from "./event-facts.ts";

/**
 * `discovery`: titles at the first event about them, described by the first event with genres, or else by their id alone.
 * `encounter`: pairs of a room and a title that it voted on, at the pair's first vote and by its dimensions.
 */
export const titleTables = `
  create table discovery (atMs bigint, genre varchar[], mediaType varchar, releaseDecade varchar);
  create table encounter (atMs bigint, contentId varchar, genre varchar[], mediaType varchar, releaseDecade varchar, matched boolean);
`;

export const fillTitles = `
  delete from discovery;
  insert into discovery
  with about as (select * from happening where titleId is not null),
  described as (
    select * from about where saysGenres qualify row_number() over (partition by titleId order by atMs, orderNo, eventId) = 1
  )
  select firsts.atMs, coalesce(described.genre, ['unknown']), coalesce(described.mediaType, ${mediaTypeOfId("titleId")}, 'unknown'),
    coalesce(described.releaseDecade, 'unknown')
  from (select titleId, min(atMs) as atMs from about group by titleId) firsts left join described using (titleId);

  delete from encounter;
  insert into encounter
  with firsts as (
    select * from happening where eventType = 'vote_content' and roomId is not null and titleId is not null
    qualify row_number() over (partition by roomId, titleId order by atMs, orderNo, eventId) = 1
  ), matched as (
    select distinct roomId, titleId, true as matched from happening where eventType = 'match_found' and roomId is not null
  )
  select atMs, contentId, genre, mediaType, releaseDecade, coalesce(matched, false)
  from firsts left join matched using (roomId, titleId);
`;
