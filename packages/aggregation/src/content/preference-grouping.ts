/** What preferences can be broken down by besides the genre. */
export const preferenceGroupings = ["mediaType", "hourOfDay", "weekday"] as const;
export type PreferenceGrouping = (typeof preferenceGroupings)[number];
