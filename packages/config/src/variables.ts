import { z } from "zod";

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

/** Where everything is kept. */
export const storeVariables = {
  TRINITY_STORE: z.enum(["sqlite", "dynamodb"]).default("sqlite"),
  TRINITY_DATA_DIR: z.string().min(1).default("./.data"),
  DYNAMODB_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
  AWS_REGION: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region, such as eu-west-1")
    .default("eu-west-1"),
  TRINITY_TABLE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,200}$/, "must be letters, digits, _, . and -, 200 at most")
    .default("trinity-analytics-"),
};

/** Plain data: threads are given it as it is. */
export type StoreConfig = z.infer<z.ZodObject<typeof storeVariables>>;

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

/** Of a configuration what says where everything is kept, without its secrets. */
export function storeConfigOf(config: StoreConfig): StoreConfig {
  const { TRINITY_STORE, TRINITY_DATA_DIR, DYNAMODB_ENDPOINT, AWS_REGION, TRINITY_TABLE_PREFIX } = config;
  return { TRINITY_STORE, TRINITY_DATA_DIR, DYNAMODB_ENDPOINT, AWS_REGION, TRINITY_TABLE_PREFIX };
}

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
