/** The lane of an event in SQL, beside `laneOf` of `@trinity/events/event-order`: its order among others of one instant is known within a lane. */
export const laneSql = `CASE WHEN sequence IS NULL THEN position->>'$.batch'
  ELSE source || '/' || coalesce(sourceJson->>'$.component', '') || '/' || coalesce(sessionId, '') END`;
