/** The place of an event in the one order that all events have: by time, at one instant by order number, then by id. */
const stampSql = "{atMs: atMs, orderNumber: orderNumber, eventId: eventId}";

/** @returns the aggregate that gives what the first event of a group has, be it null */
export function ofFirstEvent(value: string): string {
  return `arg_min_null(${value}, ${stampSql})`;
}

/** @returns the aggregate that gives what the last event of a group has; events that have null are left out */
export function ofLastEvent(value: string): string {
  return `arg_max(${value}, ${stampSql})`;
}
