/** What clocks on the wall show, as the runtime's own formatter says it. */
export type LocalTime = { readonly date: string; readonly time: string; readonly hourOfDay: string; readonly weekday: string };

const formats = new Map<string, Intl.DateTimeFormat>();
const knownIn = new Map<string, Map<number, LocalTime>>();

export function localTimeOf(atMs: number, timeZone: string): LocalTime {
  let known = knownIn.get(timeZone);
  if (known === undefined) knownIn.set(timeZone, (known = new Map()));
  let local = known.get(atMs);
  if (local === undefined) known.set(atMs, (local = localTimeAt(atMs, timeZone)));
  return local;
}

/** Looked up each time: for tests that ask of very many instants. */
export function localTimeAt(atMs: number, timeZone: string): LocalTime {
  const [date, time] = formatOf(timeZone).format(atMs).split(" ") as [string, string];
  const ms = String(((atMs % 1000) + 1000) % 1000).padStart(3, "0");
  return { date, time: `${time}.${ms}`, hourOfDay: String(Number(time.slice(0, 2))), weekday: String(new Date(date).getUTCDay() || 7) };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  // Swedes write dates as ISO 8601 does.
  const style = { dateStyle: "short", timeStyle: "medium" } as const;
  if (format === undefined) formats.set(timeZone, (format = new Intl.DateTimeFormat("sv-SE", { timeZone, ...style })));
  return format;
}
