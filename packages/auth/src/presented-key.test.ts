import { expect, test } from "vitest";
import { presentedKey } from "./presented-key.ts";

const key = "tk_abcdefgh_secret";

test.each([
  ["a bearer token", { authorization: `Bearer ${key}` }],
  ["a bearer token, the scheme in another case", { authorization: `bEARER ${key}` }],
  ["an API key header", { "x-api-key": key }],
  ["both, when they agree", { authorization: `Bearer ${key}`, "x-api-key": key }],
])("the key comes from %s", (_, headers) => {
  expect(presentedKey(headers)).toEqual({ kind: "presented", key });
});

test.each([
  ["two different keys", { authorization: `Bearer ${key}`, "x-api-key": "tk_other" }],
  ["a good bearer token beside a malformed header", { authorization: `Bearer ${key}`, "x-api-key": "" }],
  ["a malformed bearer token beside a good header", { authorization: "Bearer", "x-api-key": key }],
  ["a list of bearer tokens", { authorization: [`Bearer ${key}`] }],
  ["a list of keys", { "x-api-key": [key, key] }],
  ["repeated headers that Node joined", { authorization: `Bearer ${key}, Bearer ${key}` }],
  ["another scheme", { authorization: `Basic ${key}` }],
  ["a key without a scheme", { authorization: key }],
  ["a scheme without a key", { authorization: "Bearer " }],
  ["a key with a line break", { "x-api-key": `${key}\r\nx: y` }],
  ["a key outside ASCII", { "x-api-key": "tk_ä" }],
])("%s is refused", (_, headers) => {
  expect(presentedKey(headers)).toEqual({ kind: "invalid" });
});

test("a key in the query or in a cookie counts as none", () => {
  expect(presentedKey({ cookie: `key=${key}; x-api-key=${key}`, referer: `/v1/events?api_key=${key}` })).toEqual({ kind: "absent" });
});
