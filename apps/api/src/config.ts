import { z } from "zod";

const port = z.coerce.number("must be a port").int("must be a whole number").min(0).max(65_535);

/** `name=value,name=value`, values percent-encoded, as OpenTelemetry has it. */
const headerList = z
  .string()
  .regex(/^\s*[\w-]+=[^,=\s]*=*(\s*,\s*[\w-]+=[^,=\s]*=*)*\s*$/, "must be name=value pairs separated by commas")
  .transform((text) => Object.fromEntries(text.split(",").map(headerOf)));

function headerOf(pair: string): readonly [string, string] {
  const equals = pair.indexOf("=");
  const value = pair.slice(equals + 1).trim();
  return [pair.slice(0, equals).trim(), value.includes("%") ? decodeURIComponent(value) : value];
}

const schema = z.object({
  TRINITY_STORE: z.enum(["sqlite"]).default("sqlite"),
  TRINITY_DATA_DIR: z.string().min(1).default("./.data"),
  TRINITY_HOST: z.string().min(1).default("127.0.0.1"),
  TRINITY_API_PORT: port.default(4000),
  TRINITY_ADMIN_KEY: z.string().optional(),
  TRINITY_INGEST_KEY: z.string().optional(),
  TRINITY_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headerList.optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number("must be a number").min(0).max(1).default(1),
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
