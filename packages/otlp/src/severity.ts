/** The six ranges of https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber, four numbers each. */
const severities = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

export type Severity = (typeof severities)[number] | "unspecified";

/** The names that logging libraries and syslog use, for senders without a number. */
const severityOfText: ReadonlyMap<string, Severity> = new Map([
  ...severities.map((severity) => [severity, severity] as const),
  ["verbose", "debug"],
  ["information", "info"],
  ["informational", "info"],
  ["notice", "info"],
  ["log", "info"],
  ["warning", "warn"],
  ["err", "error"],
  ["severe", "error"],
  ["critical", "fatal"],
  ["crit", "fatal"],
  ["alert", "fatal"],
  ["emergency", "fatal"],
  ["emerg", "fatal"],
  ["panic", "fatal"],
]);

export function severityOf(record: { readonly severityNumber: number; readonly severityText: string }): Severity {
  const byNumber = severities[Math.floor((record.severityNumber - 1) / 4)];
  return byNumber ?? severityOfText.get(record.severityText.toLowerCase()) ?? "unspecified";
}
