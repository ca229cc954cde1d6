/** What a refusal of DynamoDB means to who reads: `gone` will not come back, `denied` needs the operator, all else is tried again. */
export type SourceFailure = "expired_iterator" | "trimmed" | "gone" | "denied" | "transient";

const failureByName: Readonly<Record<string, SourceFailure>> = {
  ExpiredIteratorException: "expired_iterator",
  TrimmedDataAccessException: "trimmed",
  ResourceNotFoundException: "gone",
  AccessDeniedException: "denied",
};

export function sourceFailureOf(error: unknown): SourceFailure {
  const name = error instanceof Error ? error.name : "";
  return Object.hasOwn(failureByName, name) ? (failureByName[name] as SourceFailure) : "transient";
}
