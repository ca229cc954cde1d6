/** What the rows of a number can be. A user day is one user on one of the days that a number adds up. */
export const rowSubjects = ["events", "sessions", "rooms", "users", "userDays", "titles", "ballots", "receipts", "observations"] as const;
export type RowSubject = (typeof rowSubjects)[number];
