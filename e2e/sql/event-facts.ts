/**
 * `happening`: every event of people and their actions, with its dimensions, without telemetry. `title` dimensions come from the
 * event itself: a genre that is named twice counts once, and the prefix of an id distinguishes films and series.
 */
export const happeningTable = `
  create table happening (
    eventId varchar, eventType varchar, atMs bigint, orderNo bigint, userId varchar, roomId varchar, sessionId varchar,
    platform varchar, deviceType varchar, locale varchar, appVersion varchar, ageBand varchar, source varchar,
    contentId varchar, genre varchar[], mediaType varchar, releaseDecade varchar, recommended varchar,
    titleId varchar, saysGenres boolean, liked boolean, seats integer, titleCount bigint, level varchar
  );
`;

export const mediaTypeOfId = (id: string) =>
  `case when starts_with(${id}, 'movie:') then 'movie' when starts_with(${id}, 'tv:') then 'tv' end`;

export const fillHappening = `
  delete from happening;
  insert into happening
  select eventId, eventType, atMs, orderNo, userId, roomId, sessionId,
    coalesce(platform, 'unknown'), coalesce(deviceType, 'unknown'), coalesce(locale, 'unknown'), coalesce(appVersion, 'unknown'),
    coalesce(ageBand, 'unknown'), source,
    coalesce(contentId, 'unknown'), if(len(genres) > 0, list_distinct(genres), ['unknown']),
    coalesce(mediaType, ${mediaTypeOfId("contentId")}, 'unknown'),
    coalesce((releaseYear // 10 * 10)::varchar || 's', 'unknown'), coalesce(recommended::varchar, 'unknown'),
    contentId, genres is not null, vote = 'like', seats, titleCount, level
  from told where eventType not in ('span', 'log_record', 'metric_point');
`;
