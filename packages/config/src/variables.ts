import { z } from "zod";
import { storeVariables } from "./store-config.ts";

const dayMs = 86_400_000;
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: dayMs } as const;

/** A TCP port; 0 picks a free one. */
export const port = z.coerce.number("must be a port").int("must be a whole number").min(0).max(65_535);

/** `7d`, `12h`, `30m`, `90s` or `unlimited`; in milliseconds. */
export const age = z
  .string()
  .regex(/^(unlimited|[1-9]\d{0,5}[smhd])$/, "must be a number with s, m, h or d, such as 7d, or unlimited")
  .transform((text) =>
    text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text.slice(0, -1)) * unitMs[text.at(-1) as keyof typeof unitMs],
  );

/** `15m`, `90s`; in milliseconds. Timers count no further than 24 days. */
export const interval = age.refine((ms) => ms <= 24 * dayMs, "must be at most 24d");

/** The secret behind all pseudonyms. */
export const pseudonymKey = z.string().min(32, "must have at least 32 characters");

/** `name=value,name=value`, values percent-encoded, as OpenTelemetry has it. */
const headerList = z.string().transform((text, context) => {
  const headers = text.split(",").map(headerOf);
  if (headers.every((header) => header !== null)) return Object.fromEntries(headers);
  context.addIssue({ code: "custom", message: "must be name=value pairs separated by commas" });
  return z.NEVER;
});

function headerOf(pair: string): readonly [string, string] | null {
  const [, name, value] = /^\s*([\w-]+)=([\x21-\x7e]*)\s*$/.exec(pair) ?? [];
  if (name === undefined || value === undefined) return null;
  try {
    return [name, decodeURIComponent(value)];
  } catch {
    return null;
  }
}

/** What every process reads. */
export const sharedVariables = {
  ...storeVariables,
  TRINITY_HOST: z.string().min(1).default("127.0.0.1"),
  TRINITY_ADMIN_KEY: z.string().optional(),
  TRINITY_INGEST_KEY: z.string().optional(),
  TRINITY_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headerList.optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number("must be a number").min(0).max(1).default(1),
};

type SharedConfig = z.infer<z.ZodObject<typeof sharedVariables>>;

/** Where a process's own spans go, as `startTelemetry` takes it. */
export function telemetryOf(config: SharedConfig) {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
    OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders,
    OTEL_TRACES_SAMPLER_ARG: sampleRatio,
  } = config;
  return { sampleRatio, ...(otlpEndpoint === undefined ? {} : { otlpEndpoint }), ...(otlpHeaders === undefined ? {} : { otlpHeaders }) };
}
