import { describe, expect, test } from "vitest";
import { storedEvent } from "../stored-event.testing.ts";
import { departureOf, mergeRoomMember, type RoomMember, roomCountsOfMember } from "./room-member.ts";

type Told = readonly [eventType: string, atMs: number, level?: string];

function roomMemberOf(...told: readonly Told[]): RoomMember {
  return told.reduce<RoomMember | undefined>((member, [eventType, at, level]) => {
    const properties = level === undefined ? {} : { level };
    return mergeRoomMember(member, storedEvent({ eventType, at, userId: "ana", roomId: "room-1", properties }));
  }, undefined) as RoomMember;
}

describe("somebody is", () => {
  test.each<[string, readonly Told[], ReturnType<typeof roomCountsOfMember>]>([
    ["a member by creating the room", [["room_created", 1]], { members: 1, votingMembers: 0, voters: 0 }],
    [
      "a member by joining, once however often",
      [
        ["join_room", 1],
        ["join_room", 5],
      ],
      { members: 1, votingMembers: 0, voters: 0 },
    ],
    [
      "a voting member",
      [
        ["vote_content", 2],
        ["join_room", 1],
      ],
      { members: 1, votingMembers: 1, voters: 1 },
    ],
    ["a voter who never took a seat", [["vote_content", 2]], { members: 0, votingMembers: 0, voters: 1 }],
    ["nobody in it by looking on", [["title_shown", 2]], { members: 0, votingMembers: 0, voters: 0 }],
  ])("%s", (_is, told, counts) => {
    expect(roomCountsOfMember(roomMemberOf(...told))).toEqual(counts);
    expect(roomCountsOfMember(roomMemberOf(...told.toReversed()))).toEqual(counts);
  });
});

describe("a member is", () => {
  test.each<[string, readonly Told[], ReturnType<typeof departureOf>]>([
    [
      "gone after leaving",
      [
        ["join_room", 1],
        ["leave_room", 3],
      ],
      { leftAtMs: 3 },
    ],
    [
      "there again after coming back",
      [
        ["join_room", 1],
        ["leave_room", 3],
        ["join_room", 4],
      ],
      undefined,
    ],
    [
      "there when both are told for the same instant",
      [
        ["join_room", 3],
        ["leave_room", 3],
      ],
      undefined,
    ],
    [
      "gone after falling silent",
      [
        ["join_room", 1],
        ["member_inactive", 5, "inactive"],
      ],
      { silentAtMs: 5 },
    ],
    [
      "there while only warned",
      [
        ["join_room", 1],
        ["member_inactive", 5, "warning"],
      ],
      undefined,
    ],
    [
      "there after speaking again",
      [
        ["join_room", 1],
        ["member_inactive", 5, "excluded"],
        ["vote_content", 6],
      ],
      undefined,
    ],
    ["no member, who left without a seat", [["leave_room", 3]], undefined],
  ])("%s", (_is, told, departure) => {
    expect(departureOf(roomMemberOf(...told))).toEqual(departure);
    expect(departureOf(roomMemberOf(...told.toReversed()))).toEqual(departure);
  });
});
