import { spawnSync } from "node:child_process";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { renderMetricsPage } from "./metrics-page.ts";
import { startTelemetry } from "./telemetry.ts";

function productRegistry(): Registry {
  const registers = [new Registry()];
  new Counter({ name: "trinity_events_total", help: "Events.", labelNames: ["outcome"], registers }).inc({ outcome: "accepted" });
  new Gauge({ name: "trinity_fold_lag_seconds", help: "Lag.", registers }).set(0.5);
  new Histogram({ name: "trinity_commit_duration_seconds", help: "Commit.", registers }).observe(0.01);
  return registers[0] as Registry;
}

/** A page of a process that has served requests, with labels that try to break out of their quotes. */
async function fullPage() {
  const telemetry = startTelemetry({ serviceName: 'ingest "1"\n# TYPE evil counter', version: "0.1.0", sampleRatio: 0 });
  const duration = telemetry.meter.createHistogram("http.server.request.duration", { unit: "s", description: "Line 1\nline 2 \\" });
  duration.record(0.01, { "http.route": '/a"} 1\nevil_total 1\n' });
  telemetry.meter.createCounter("http.server.refused_connections", { description: "Refused." }).add(1, { problem: "too-large" });
  const page = await renderMetricsPage(await telemetry.metricsText(), productRegistry());
  await telemetry.shutdown();
  return page;
}

const sampleLine =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (?:[-+]?[0-9.e+-]+|NaN|[-+]Inf)$/;

test("the page holds both kinds of metric as the text format writes them", async () => {
  const { contentType, body } = await fullPage();
  expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  for (const line of body.split("\n").filter((text) => text !== "" && !text.startsWith("# "))) expect(line).toMatch(sampleLine);
  expect(body).toContain('http_server_refused_connections_total{problem="too-large"} 1\n');
  expect(body).toContain('trinity_events_total{outcome="accepted"} 1\n');
  expect(body.endsWith("\n")).toBe(true);
});

test("each metric is declared once, with its help, and a label cannot add lines", async () => {
  const { body } = await fullPage();
  const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name]) => name);
  const helps = [...body.matchAll(/^# HELP (\S+) ./gm)].map(([, name]) => name);
  expect(new Set(types).size).toBe(types.length);
  expect(helps).toEqual(types);
  expect(body).not.toMatch(/^evil/m);
  expect(types).not.toContain("evil");
});

test("counters and only counters end in _total, and units are base units", async () => {
  const { body } = await fullPage();
  for (const [, name = "", type] of body.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    expect(name).not.toMatch(/_(ms|milliseconds|kilobytes|percent)(_|$)/);
  }
});

test("a product metric outside its namespace, or another inside it, is refused", async () => {
  const registry = new Registry();
  new Counter({ name: "http_requests_total", help: "Requests.", registers: [registry] });
  await expect(renderMetricsPage("", registry)).rejects.toThrow("http_requests_total must start with trinity_");
  await expect(renderMetricsPage("# TYPE trinity_x counter\n", new Registry())).rejects.toThrow("trinity_x must not start with trinity_");
});

const promtool = "promtool"; // of the prometheus package; the rules above hold without it
const hasPromtool = spawnSync(promtool, ["--version"]).status === 0;
if (!hasPromtool) console.warn("skipped: promtool is not installed: scripts/install-peers.sh");
test.skipIf(!hasPromtool)("promtool finds nothing to complain of", async () => {
  const { body } = await fullPage();
  const { status, stderr, stdout } = spawnSync(promtool, ["check", "metrics"], { input: body, encoding: "utf8" });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: "" });
});
