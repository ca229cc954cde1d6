import { validForMs } from "./credential.ts";

/** Node's `request.headers`: names in lower case. */
type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

const cookieName = "trinity_session";

/**
 * Browsers also send a cookie with requests of other pages. Those can send this header only after a preflight, which we never allow,
 * so a session counts only together with it.
 */
const pageHeader = "x-trinity-page";

/** Whether a request was made by a page of ours: no other page can make it. */
export function isFromOurPage(headers: RequestHeaders): boolean {
  const site = headers["sec-fetch-site"];
  return headers[pageHeader] === "1" && (site === undefined || site === "same-origin") && isOfOurOrigin(headers);
}

/** A browser sends the origin of the page with each request that may change data. Only a proxy knows our external scheme. */
function isOfOurOrigin({ origin, host }: RequestHeaders): boolean {
  if (origin === undefined) return true;
  const page = typeof origin === "string" ? URL.parse(origin) : null;
  // Parse with the same scheme, so that its default port equals no port.
  return page !== null && page.host !== "" && page.host === URL.parse(`${page.protocol}//${host}`)?.host;
}

/** @returns the session that a page of ours presents; `null` if there is none, or more than one */
export function presentedSession(headers: RequestHeaders): string | null {
  const { cookie } = headers;
  if (typeof cookie !== "string" || !isFromOurPage(headers)) return null;
  const values = cookie.split(";").flatMap((pair) => {
    const [name, value = ""] = pair.trim().split("=", 2);
    return name === cookieName ? [value] : [];
  });
  return values.length === 1 && /^[\x21-\x7e]+$/.test(values[0] as string) ? (values[0] as string) : null;
}

/** `Set-Cookie` of a new session: no script reads it, and no other site sends it. */
export function sessionCookie(presented: string): string {
  return `${cookieName}=${presented}; Path=/; Max-Age=${validForMs.session / 1_000}; HttpOnly; SameSite=Strict`;
}

/** `Set-Cookie` that removes the session. */
export const endedSessionCookie = `${cookieName}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`;
