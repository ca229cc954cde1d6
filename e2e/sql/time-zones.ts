/**
 * Time, by the database's own zone data (its ICU extension is built in). `local_of`: what clocks on the wall show at an instant.
 * `first_at`: the first instant at which they show a time or, if a change skips it, a later one. It is searched near the
 * database's own guess, which takes the later of two instants: half hours around it, and the quarters on which clocks change.
 */
export const timeMacros = `
  create macro local_of(atMs, zone) as timezone(zone, timezone('UTC', make_timestamp_ms(atMs)));
  create macro instants_near(guessMs) as list_concat(
    list_transform(range(-4, 5), lambda k: guessMs + k * 1800000),
    list_transform(range(-8, 9), lambda k: guessMs // 900000 * 900000 + k * 900000)
  );
  create macro first_at(shown, zone) as
    list_min(list_filter(instants_near(epoch_ms(timezone(zone, shown))), lambda atMs: local_of(atMs, zone) >= shown));
`;

/** @returns a text as an SQL literal */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** @returns the clock on the wall at `atMs`, as a timestamp without a zone */
export function localOf(atMs: string, timeZone: string): string {
  return timeZone === "UTC" ? `make_timestamp_ms(${atMs})` : `local_of(${atMs}, ${quoted(timeZone)})`;
}

/** @returns the first instant that shows a local time or a later one, in Unix milliseconds */
export function firstAt(shown: string, timeZone: string): string {
  return timeZone === "UTC" ? `epoch_ms(${shown})` : `first_at(${shown}, ${quoted(timeZone)})`;
}
