import type { Row } from "./attribute-value.ts";
import { textOf } from "./read-row.ts";

const testTitle = "12345";
const testUser = "test-user";

/** True for rows that Trinity's test scripts leave in the tables of the development stage. */
export function isTestRow(row: Row): boolean {
  const roomId = textOf(row, "roomId") ?? (textOf(row, "PK") ?? "").replace(/^(ROOM|EVENT)#/, "");
  const people = ["hostId", "userId", "creatorId", "createdBy"].map((name) => textOf(row, name));
  const titles = ["movieId", "mediaId", "resultMovieId"].map((name) => textOf(row, name));
  const [keyUser, keyTitle] = (textOf(row, "userId#movieId") ?? "").split("#");
  return roomId.startsWith("test-") || [...people, keyUser].includes(testUser) || [...titles, keyTitle].includes(testTitle);
}
