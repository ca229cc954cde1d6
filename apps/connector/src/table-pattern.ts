/** The characters of a table's name, and `*` for any of them. */
export function isTablePattern(pattern: string): boolean {
  return /^[\w.*-]{1,255}$/.test(pattern);
}

function matchesPattern(tableName: string, pattern: string): boolean {
  const expression = pattern
    .split("*")
    .map((literal) => literal.replaceAll(".", "\\."))
    .join(".*");
  return new RegExp(`^${expression}$`).test(tableName);
}

export function matchesAny(tableName: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesPattern(tableName, pattern));
}
