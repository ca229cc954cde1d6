import { describe, expect, test } from "vitest";
import { presentedSession, sessionCookie } from "./session-cookie.ts";

const page = { "x-trinity-page": "1" };

describe("the session in a cookie", () => {
  test("counts with the header of our pages, among other cookies", () => {
    expect(presentedSession({ ...page, cookie: "a=1; trinity_session=tk_x_y; b=2" })).toBe("tk_x_y");
    expect(presentedSession({ ...page, cookie: "trinity_session=tk_x_y", "sec-fetch-site": "same-origin" })).toBe("tk_x_y");
  });

  test.each([
    ["no header of ours", { cookie: "trinity_session=x" }],
    ["another value of it", { cookie: "trinity_session=x", "x-trinity-page": "0" }],
    ["another site", { ...page, cookie: "trinity_session=x", "sec-fetch-site": "cross-site" }],
    ["another port of this machine", { ...page, cookie: "trinity_session=x", "sec-fetch-site": "same-site" }],
    ["a page of another host", { ...page, cookie: "trinity_session=x", host: "a.example", origin: "http://b.example" }],
    ["a page of another port", { ...page, cookie: "trinity_session=x", host: "a.example:4000", origin: "http://a.example:4001" }],
    ["a page without an origin", { ...page, cookie: "trinity_session=x", host: "a.example", origin: "null" }],
    ["an origin that is no URL", { ...page, cookie: "trinity_session=x", host: "a.example", origin: "a.example" }],
    ["an origin but no host", { ...page, cookie: "trinity_session=x", origin: "http://undefined.example" }],
    ["no cookie", page],
    ["an empty one", { ...page, cookie: "trinity_session=" }],
    ["two of them", { ...page, cookie: "trinity_session=x; trinity_session=y" }],
    ["a name that only ends like it", { ...page, cookie: "my_trinity_session=x" }],
  ])("does not count with %s", (_what, headers) => {
    expect(presentedSession(headers)).toBeNull();
  });

  test.each([
    ["127.0.0.1:4000", "http://127.0.0.1:4000"],
    ["A.example", "https://a.example"],
    ["a.example:443", "https://a.example"],
    ["[::1]:4000", "http://[::1]:4000"],
  ])("counts at the host %s for the origin %s", (host, origin) => {
    expect(presentedSession({ ...page, cookie: "trinity_session=x", host, origin })).toBe("x");
  });

  test("is read by no script and sent by no other site", () => {
    expect(sessionCookie("tk_x_y")).toBe("trinity_session=tk_x_y; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict");
  });
});
