import { changeSession } from "/assets/api.js";

/** The token comes in the fragment, which no server sees and no log holds, and leaves the address bar before it is used. */
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const { ok, problem } = await changeSession("/login", { token }).catch(() => ({ ok: false, problem: "The server did not answer." }));
if (ok) location.replace("/");
else {
  document.getElementById("state").textContent = "";
  document.getElementById("problem").textContent = problem;
  document.getElementById("refused").hidden = false;
}
