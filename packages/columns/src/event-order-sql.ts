/** The order of events at one instant in SQL, beside `orderNumberOf` and `laneOf` of `@trinity/events/event-order`. */

export const orderNumberSql = "coalesce(sequence, (position->>'$.index')::BIGINT, 0)";

export const laneSql = `CASE WHEN sequence IS NULL THEN position->>'$.batch'
  ELSE source || '/' || coalesce(sourceJson->>'$.component', '') || '/' || coalesce(sessionId, '') END`;
