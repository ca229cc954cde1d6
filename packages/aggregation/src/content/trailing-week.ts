import { type Proportion, proportionOf } from "../proportion.ts";
import type { VoteCount } from "./content-trend.ts";

/** Days that are pooled, the day itself the last of them. */
export const smoothedDays = 7;

/** The positive rate of the days that end with one, and their votes a day. */
export type SmoothedDay = { readonly positive: Proportion; readonly votesPerDay: number };

/**
 * Smooths a daily series with a trailing window of seven days: the likes of the week over the votes of the week, so that each vote weighs the
 * same, whatever the day; weekdays and weekends are in every window alike.
 * @param days one after the other; the first six only lead up to the first smoothed day
 * @returns one for each day from the seventh on
 */
export function trailingWeeks(days: readonly VoteCount[]): readonly SmoothedDay[] {
  return days.slice(smoothedDays - 1).map((_, i) => {
    const week = days.slice(i, i + smoothedDays);
    const sum = (amountOf: (day: VoteCount) => number) => week.reduce((total, day) => total + amountOf(day), 0);
    const votes = sum((day) => day.votes);
    return {
      positive: proportionOf(
        sum(({ likes }) => likes),
        votes,
      ),
      votesPerDay: votes / smoothedDays,
    };
  });
}
