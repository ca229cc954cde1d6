import { userActionTypes } from "./raw-events.ts";

/** `deed`: user actions of people that have an id. `newcomer`: the first event ever of each user. */
export const userTables = `
  create view deed as
    select * from happening where userId is not null and eventType in (${userActionTypes.map((type) => `'${type}'`).join(", ")});
  create table newcomer as from happening limit 0;
`;

export const fillNewcomer = `
  delete from newcomer;
  insert into newcomer
  select * from happening where userId is not null qualify row_number() over (partition by userId order by atMs, eventId) = 1;
`;
