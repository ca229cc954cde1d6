import { ask, changeSession, follow, KeyRefused } from "/assets/api.js";
import { drawChart } from "/assets/chart.js";
import { shown, timeOf } from "/assets/format.js";

const tiles = [
  { name: "events", title: "Events", kind: "count" },
  { name: "active_users", title: "Active users", kind: "count" },
  { name: "votes", title: "Votes", kind: "count" },
  { name: "positive_rate", title: "Positive rate", kind: "ratio" },
  { name: "rooms_created", title: "Rooms", kind: "count" },
  { name: "matches", title: "Matches", kind: "count" },
  { name: "request_duration_p95", title: "Request p95", kind: "duration" },
  { name: "ingest_freshness_p95", title: "Freshness p95", kind: "duration" },
];

const tickerLinesMax = 12;
const chartsEveryMs = 15_000;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const find = (id) => document.getElementById(id);

function askForKey(problem) {
  sessionStorage.removeItem("key");
  find("numbers").hidden = true;
  find("sign-out").hidden = true;
  find("sign-in").hidden = false;
  find("sign-in-problem").textContent = problem;
  setState("", "");
  find("key").focus();
}

function setState(state, text) {
  find("state").dataset.state = state;
  find("state").textContent = text;
}

function showTiles({ today, last60Minutes, asOf }) {
  const rows = tiles.flatMap(({ name, title, kind }) => {
    const hour = name in last60Minutes ? `${shown(last60Minutes[name], kind)} in the last hour` : "";
    return [
      ["dt", title],
      ["dd", shown(today[name], kind)],
      ["dd", hour],
    ];
  });
  const groups = tiles.map((_, index) => {
    const group = document.createElement("div");
    group.append(
      ...rows.slice(index * 3, index * 3 + 3).map(([tag, text]) => Object.assign(document.createElement(tag), { textContent: text })),
    );
    return group;
  });
  find("tiles").replaceChildren(...groups);
  setState("live", `Live, as of ${timeOf(asOf)} UTC`);
}

function showEvent({ timestamp, eventType, context, properties, source }) {
  const about = [context.platform, properties.contentId, properties.vote, properties.code, properties.screen, `from ${source.system}`];
  const line = document.createElement("li");
  const texts = [timeOf(timestamp), eventType.replaceAll("_", " "), about.filter((text) => text !== undefined).join(" · ")];
  line.append(...texts.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
  line.lastChild.className = "quiet";
  find("quiet").hidden = true;
  find("ticker").prepend(line);
  while (find("ticker").children.length > tickerLinesMax) find("ticker").lastChild.remove();
}

/** By the server's clock, which the numbers are counted by. */
async function readNowMs(signal) {
  const { headers } = await fetch("/healthz", { cache: "no-store", signal });
  return new Date(headers.get("date")).getTime();
}

async function showCharts(key, signal) {
  const nowMs = await readNowMs(signal);
  // The present minute is hardly begun and would look like a fall.
  const minuteEndMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const dayEndMs = Math.floor(nowMs / dayMs) * dayMs + dayMs;
  const count = (value) => shown(value, "count");
  const points = async (metric, fromMs, toMs, granularity) => {
    const range = new URLSearchParams({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), granularity });
    const { series } = await ask(key, `/metrics/${metric}?${range}`, signal);
    return series[0].points;
  };
  const [hour, month] = await Promise.all([
    points("events", minuteEndMs - 60 * minuteMs, minuteEndMs, "minute"),
    points("active_users", dayEndMs - 30 * dayMs, dayEndMs, "day"),
  ]);
  drawChart(find("hour"), hour, { what: "Events a minute", label: (start) => start.slice(11, 16), show: count });
  drawChart(find("month"), month, { what: "Active users a day", label: (start) => start.slice(5, 10), show: count });
}

async function keepCharts(key, signal) {
  while (!signal.aborted) {
    await showCharts(key, signal).catch((error) => {
      if (error instanceof KeyRefused) throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, chartsEveryMs));
  }
}

async function show(key) {
  const leaving = new AbortController();
  const { signal } = leaving;
  find("sign-in").hidden = true;
  find("numbers").hidden = false;
  find("sign-out").hidden = false;
  setState("", "Connecting");
  const lost = (state) => state === "lost" && setState("lost", "Connection lost, trying again");
  const machines = encodeURIComponent("!eventType:span,log_record,metric_point");
  try {
    await Promise.all([
      follow(key, "/live/metrics", { onData: showTiles, onState: lost, signal }),
      follow(key, `/live/events?filter=${machines}`, { onData: showEvent, onState: () => {}, signal }),
      keepCharts(key, signal),
    ]);
  } catch {
    leaving.abort();
    askForKey(key === null ? "" : "This key is not accepted here.");
  }
}

find("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = find("key").value.trim();
  sessionStorage.setItem("key", key);
  find("key").value = "";
  void show(key);
});

find("sign-out").addEventListener("click", async () => {
  sessionStorage.removeItem("key");
  await changeSession("/logout");
  location.reload();
});

// A key that was typed in stays in this tab; without one there may be a session.
void show(sessionStorage.getItem("key"));
