/**
 * `visit`: sessions, by the dimensions of their first event. Named ones are all events of one `sessionId`; the events of a user
 * without one form inferred sessions; a new one begins 30 minutes or more after the previous event.
 */
export const visitTable = `
  create table visit (
    atMs bigint, endMs bigint, events bigint, userId varchar,
    platform varchar, deviceType varchar, locale varchar, appVersion varchar, ageBand varchar, source varchar
  );
`;

export const fillVisit = `
  delete from visit;
  insert into visit
  with gaps as (
    select *, atMs - lag(atMs) over (partition by userId order by atMs, orderNo, eventId) >= 30 * 60000 as opens
    from happening where sessionId is null and userId is not null
  ), runs as (
    select *, count(*) filter (opens) over (partition by userId order by atMs, orderNo, eventId rows unbounded preceding) as run from gaps
  ), members as (
    select * exclude (opens, run), 'run ' || run || ' of ' || userId as visit from runs
    union all by name
    select *, 'session ' || sessionId as visit from happening where sessionId is not null
  ), placed as (
    select *, row_number() over (partition by visit order by atMs, orderNo, eventId) as nth from members
  ), spans as (
    select visit, min(atMs) as startMs, max(atMs) as endMs, count(*) as events from placed group by visit
  )
  select startMs, endMs, events, userId, platform, deviceType, locale, appVersion, ageBand, source
  from spans join placed using (visit) where nth = 1;
`;
