/** What an error of DynamoDB means to a reader: `gone` will not come back, `denied` needs the operator, any other is retried. */
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
