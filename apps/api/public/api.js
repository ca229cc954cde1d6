/** The key was refused: nothing works before there is another. */
export class KeyRefused extends Error {}

/** Without a key the session counts, whose cookie the browser adds; with this header only pages of ours can use it. */
const credentials = (key) => (key === null ? { "x-trinity-page": "1" } : { authorization: `Bearer ${key}` });

/**
 * Changes the session: `POST /login` begins one, `POST /logout` ends it.
 * @returns {Promise<{ok: boolean, problem: string}>} what went wrong, in words for people
 */
export async function changeSession(path, body = {}) {
  const headers = { "content-type": "application/json", ...credentials(null) };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return { ok: answer.ok, problem: answer.ok ? "" : (await answer.json()).detail };
}

/** @returns {Promise<any>} the answer of the API below `/api/v1` */
export async function ask(key, path, signal) {
  const answer = await fetch(`/api/v1${path}`, { headers: credentials(key), signal });
  if (answer.status === 401 || answer.status === 403) throw new KeyRefused();
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`);
  return answer.json();
}

/**
 * Follows a live feed for ever: connects again after every end, from the last event it has. By fetch, because an EventSource sends no header.
 * @param {(data: any) => void} onData
 * @param {(state: "live" | "lost") => void} onState
 */
export async function follow(key, path, { onData, onState, signal }) {
  let lastId = null;
  while (!signal.aborted) {
    try {
      const headers = { ...credentials(key), ...(lastId === null ? {} : { "last-event-id": lastId }) };
      const answer = await fetch(`/api/v1${path}`, { headers, signal });
      if (answer.status === 401 || answer.status === 403) throw new KeyRefused();
      // A position that a new log does not have: begin with what comes next.
      if (answer.status === 400) lastId = null;
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
      onState("live");
      for await (const { id, data } of eventsOf(answer.body)) {
        lastId = id ?? lastId;
        onData(data);
      }
    } catch (error) {
      if (error instanceof KeyRefused) throw error;
    }
    if (signal.aborted) return;
    onState("lost");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
}

async function* eventsOf(body) {
  let rest = "";
  for await (const text of readable(body.pipeThrough(new TextDecoderStream()))) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      if (data !== undefined) yield { id: field("id"), data: JSON.parse(data) };
    }
  }
}

// Not every browser iterates a stream by itself.
async function* readable(stream) {
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}
