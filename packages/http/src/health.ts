import type { FastifyInstance } from "fastify";
import { installMethodNotAllowed } from "./method-not-allowed.ts";

/** The result of a check; `reason` is public, so it names no host, path or value. */
export type CheckResult = { readonly ok: true; readonly detail?: string } | { readonly ok: false; readonly reason: string };
export type ReadinessCheck = () => Promise<CheckResult>;

export type Readiness = {
  readonly status: "ready" | "not ready";
  readonly checks: Readonly<Record<string, CheckResult>>;
};

export type HealthSettings = {
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** A check that takes longer counts as failed. */
  readonly checkTimeoutMs?: number;
};

/** Serves `/healthz` (the process answers) and `/readyz` (it can do its work: 503 when any check fails, or when closing). */
export function installHealth(app: FastifyInstance, { checks, checkTimeoutMs = 2_000 }: HealthSettings): void {
  let closing = false;
  let running: Promise<Readiness> | null = null;
  app.addHook("preClose", async () => {
    closing = true;
  });
  app.get("/healthz", (_, reply) => reply.type("application/json").send('{"status":"ok"}'));
  app.get("/readyz", async (_, reply) => {
    // Requests share one run, so they do not pile up at a hanging dependency.
    running ??= readinessOf(checks, checkTimeoutMs).finally(() => {
      running = null;
    });
    const { status, checks: results } = await running;
    const readiness: Readiness = closing
      ? { status: "not ready", checks: { ...results, process: { ok: false, reason: "closing" } } }
      : { status, checks: results };
    return reply
      .code(readiness.status === "ready" ? 200 : 503)
      .headers({ "content-type": "application/json", "cache-control": "no-store" })
      .send(JSON.stringify(readiness));
  });
  for (const url of ["/healthz", "/readyz"]) installMethodNotAllowed(app, url);
}

/** Runs all checks at once. */
export async function readinessOf(checks: HealthSettings["checks"], checkTimeoutMs: number): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await resultOf(check, checkTimeoutMs)] as const),
  );
  const ready = results.every(([, result]) => result.ok);
  return { status: ready ? "ready" : "not ready", checks: Object.fromEntries(results) };
}

async function resultOf(check: ReadinessCheck, timeoutMs: number): Promise<CheckResult> {
  const { promise: timedOut, resolve } = Promise.withResolvers<CheckResult>();
  const timer = setTimeout(() => resolve({ ok: false, reason: `no answer within ${timeoutMs} ms` }), timeoutMs);
  try {
    return await Promise.race([check(), timedOut]);
  } catch {
    return { ok: false, reason: "check failed" }; // its message may contain secrets
  } finally {
    clearTimeout(timer);
  }
}
