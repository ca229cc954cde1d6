/** A range as answers show it: `to` is exclusive. */
export type ShownRange = { readonly from: string; readonly to: string };

/** @param range in Unix milliseconds */
export function shownRange({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): ShownRange {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
