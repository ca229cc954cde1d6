import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);
const dayMs = 86_400_000;
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: dayMs } as const;

/** `7d`, `12h`, `30m`, `90s`, or `unlimited`. */
const age = z
  .string()
  .regex(/^(unlimited|[1-9]\d{0,5}[smhd])$/, "must be a number with s, m, h or d, such as 7d, or unlimited")
  .transform((text) =>
    text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text.slice(0, -1)) * unitMs[text.at(-1) as keyof typeof unitMs],
  );

const schema = z.object({
  TRINITY_STORE: z.enum(["sqlite"]).default("sqlite"),
  TRINITY_DATA_DIR: z.string().min(1).default("./.data"),
  TRINITY_HOST: z.string().min(1).default("127.0.0.1"),
  TRINITY_INGEST_PORT: port.default(4318),
  TRINITY_INGEST_GRPC_PORT: port.default(4317),
  TRINITY_ADMIN_KEY: z.string().optional(),
  TRINITY_INGEST_KEY: z.string().optional(),
  TRINITY_MAX_EVENT_AGE: age.default(7 * dayMs),
  TRINITY_PSEUDONYM_KEY: z.string().min(32, "must have at least 32 characters").optional(),
  TRINITY_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});

export type Config = z.infer<typeof schema>;

/** @returns the configuration, or every variable that is wrong and why */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config | { readonly problems: readonly string[] } {
  // An empty variable is one that was not set: compose files and shells leave them so.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  return { problems: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) };
}
