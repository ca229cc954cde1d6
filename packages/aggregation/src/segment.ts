import { UserSet } from "./user-set.ts";

/** What users are told apart by: how they first came, since when, what they like, and how active they are. */
export const userAttributes = ["platform", "deviceType", "locale", "ageBand", "cohort", "favouriteGenre", "activityTier"] as const;
export type UserAttribute = (typeof userAttributes)[number];

/** Some of the users: those with one of the values of an attribute, or a combination of such. */
export type Segment =
  | { readonly kind: "attribute"; readonly attribute: UserAttribute; readonly values: readonly string[] }
  | { readonly kind: "all" | "any"; readonly of: readonly Segment[] }
  | { readonly kind: "not"; readonly of: Segment };

/** Which users there are: all of them, and those with a value of an attribute. */
export type UserDirectory = {
  readonly allUsers: UserSet;
  usersWith(attribute: UserAttribute, value: string): UserSet;
};

/** @returns the users of a segment; of its complement by way of everybody, so that the two never overlap and nobody is in neither */
export function usersOf(segment: Segment, directory: UserDirectory): UserSet {
  switch (segment.kind) {
    case "attribute":
      return UserSet.union(segment.values.map((value) => directory.usersWith(segment.attribute, value)));
    case "any":
      return UserSet.union(segment.of.map((part) => usersOf(part, directory)));
    case "all":
      return segment.of.reduce((users, part) => users.intersect(usersOf(part, directory)), directory.allUsers);
    case "not":
      return directory.allUsers.without(usersOf(segment.of, directory));
  }
}

/** @returns every attribute that a segment looks at */
export function attributesOf(segment: Segment): ReadonlySet<UserAttribute> {
  if (segment.kind === "attribute") return new Set([segment.attribute]);
  const parts = segment.kind === "not" ? [segment.of] : segment.of;
  return new Set(parts.flatMap((part) => [...attributesOf(part)]));
}
