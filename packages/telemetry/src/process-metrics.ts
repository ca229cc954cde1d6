import type { Meter } from "@opentelemetry/api";

/** What the operating system says of this process, by the names of the semantic conventions. */
export function observeProcess(meter: Meter): void {
  meter
    .createObservableCounter("process.cpu.time", { unit: "s", description: "CPU time that the process has used." })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / 1e6, { "cpu.mode": "user" });
      result.observe(system / 1e6, { "cpu.mode": "system" });
    });
  meter
    .createObservableGauge("process.memory.usage", { unit: "By", description: "Physical memory that the process holds." })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge("process.uptime", { unit: "s", description: "Time that the process has been running." })
    .addCallback((result) => result.observe(process.uptime()));
}
