import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ingestNodeArgs } from "@trinity/lifecycle/ingest-node-args";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { hasPeer } from "./peer.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const parseYaml = (path: string): unknown => parse(read(path), { merge: true });

type Service = {
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly build?: { readonly dockerfile: string };
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
};
type Compose = { readonly services: Readonly<Record<string, Service>>; readonly volumes: Readonly<Record<string, unknown>> };
const compose = parseYaml("docker-compose.yml") as Compose;
const services = Object.entries(compose.services);

test("the full shape has the apps, their stores and their monitoring", () => {
  expect(Object.keys(compose.services).sort()).toEqual(
    ["alertmanager", "api", "collector", "dynamodb-local", "grafana", "ingest", "prometheus", "redis", "worker"].sort(),
  );
});

test("ingest is started with the options that bound its memory", () => {
  const command = ["node", ...ingestNodeArgs, "apps/ingest/src/main.ts"];
  expect(compose.services["ingest"]?.command).toEqual(command);
  expect(read("deploy/Dockerfile")).toContain(`CMD ${JSON.stringify(command).replaceAll(",", ", ")}`);
});

test.each(services)("%s mounts only files and volumes that exist", (_name, service) => {
  for (const volume of service.volumes ?? []) {
    const source = volume.split(":")[0] ?? "";
    expect(source.startsWith(".") ? existsSync(join(root, source)) : source in compose.volumes, source).toBe(true);
  }
});

test.each(services)("%s waits only for services that exist", (_name, { depends_on = [] }) => {
  for (const other of Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)) expect(compose.services).toHaveProperty([other]);
});

test("every variable that the full shape demands is in the example", () => {
  const demanded = new Set([...read("docker-compose.yml").matchAll(/\$\{(\w+):\?/g)].map((match) => match[1]));
  const offered = new Set([...read("deploy/env.example").matchAll(/^(\w+)=/gm)].map((match) => match[1]));
  expect([...demanded].filter((name) => !offered.has(name))).toEqual([]);
  expect(demanded.size).toBeGreaterThan(0);
});

test("Prometheus scrapes each of the three processes on its port", () => {
  const config = parseYaml("deploy/prometheus.yml") as { scrape_configs: { static_configs: { targets: string[] }[] }[] };
  const targets = config.scrape_configs.flatMap((job) => job.static_configs.flatMap((group) => group.targets));
  expect(targets).toEqual(expect.arrayContaining(["ingest:4318", "api:4000", "worker:4001"]));
});

test("each pipeline of the Collector ends at ingest, with the key", () => {
  const config = parseYaml("deploy/collector.yml") as {
    exporters: { otlphttp: { endpoint: string; headers: Record<string, string> } };
    service: { pipelines: Record<string, { exporters: string[] }> };
  };
  expect(config.exporters.otlphttp).toMatchObject({
    endpoint: "http://ingest:4318",
    headers: { "x-api-key": "${env:TRINITY_INGEST_KEY}" },
  });
  expect(Object.keys(config.service.pipelines)).toEqual(["traces", "metrics", "logs"]);
  for (const pipeline of Object.values(config.service.pipelines)) expect(pipeline.exporters).toEqual(["otlphttp"]);
});

const noPromtool = !hasPeer("promtool", process.env);

test.skipIf(noPromtool)("Prometheus accepts its configuration", () => {
  expect(execFileSync("promtool", ["check", "config", "deploy/prometheus.yml"], { cwd: root, encoding: "utf8" })).toContain("SUCCESS");
});

test.skipIf(noPromtool)("the alert rules fire when they should", () => {
  expect(execFileSync("promtool", ["test", "rules", "deploy/prometheus-rules.test.yml"], { cwd: root, encoding: "utf8" })).toContain(
    "SUCCESS",
  );
});
