/** Classifies an error of DynamoDB for a reader: `gone` is permanent, `denied` needs the operator, any other is retried. */
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
