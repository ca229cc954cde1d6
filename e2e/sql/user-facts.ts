import { userActionTypes } from "./raw-events.ts";

/**
 * `deed`: user actions of people with an id. `newcomer`: every user, by the first event ever; `favouriteGenre` is the genre of most
 * likes of all time, of equals the first by its name.
 */
export const userTables = `
  create view deed as
    select * from happening where userId is not null and eventType in (${userActionTypes.map((type) => `'${type}'`).join(", ")});
  create table newcomer as select *, '' as favouriteGenre from happening limit 0;
`;

export const fillNewcomer = `
  delete from newcomer;
  insert into newcomer
  with likes as (
    select userId, unnest(list_distinct(genres)) as genre from told
    where eventType = 'vote_content' and vote = 'like' and userId is not null
  ), favourite as (
    select userId, genre as favouriteGenre from likes group by userId, genre
    qualify row_number() over (partition by userId order by count(*) desc, genre) = 1
  ), firsts as (
    select * from happening where userId is not null qualify row_number() over (partition by userId order by atMs, orderNo, eventId) = 1
  )
  select firsts.*, coalesce(favouriteGenre, 'unknown') from firsts left join favourite using (userId);
`;
