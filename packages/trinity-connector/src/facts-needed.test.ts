import { expect, test } from "vitest";
import { roomNeedingFacts } from "./facts-needed.ts";
import { inserted, modified, removed } from "./stream-records.testing.ts";

test("votes and endings need the facts of their room; nothing else does", () => {
  const vote = { roomId: "r-1", userId: "u-1", movieId: "862", voteType: "LIKE" };
  const room = { PK: "r-1", SK: "ROOM", status: "WAITING" };
  expect(roomNeedingFacts(inserted(vote), "trinity-votes-dev")).toBe("r-1");
  expect(roomNeedingFacts(removed(vote), "trinity-votes-dev")).toBeNull();
  expect(roomNeedingFacts(inserted(room), "trinity-rooms-dev")).toBeNull();
  expect(roomNeedingFacts(modified(room, { status: "MATCHED" }), "trinity-rooms-dev")).toBe("r-1");
  expect(roomNeedingFacts(inserted({ PK: "ROOM#r-1", SK: "VOTE#u#862" }), "trinity-main")).toBe("r-1");
  expect(roomNeedingFacts(inserted({ PK: "ROOM#r-1", SK: "METADATA" }), "trinity-main")).toBeNull();
  expect(roomNeedingFacts(inserted(vote), "trinity-room-members-dev")).toBeNull();
  expect(roomNeedingFacts("no record", "trinity-votes-dev")).toBeNull();
});
