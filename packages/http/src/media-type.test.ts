import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { charsetProblem, mediaTypeOf } from "./media-type.ts";

describe("the media type of a request", () => {
  test.each([
    "application/json",
    "APPLICATION/Json",
    "application/json;v=1",
    'application/json; profile="x"',
    'application/json; profile="a;b, \\"c\\""; v=1',
    "application/json; charset=utf-8; v=1",
    "application/json;",
    "application/json ; ",
    "application/json;;",
    "application/json\t;\tcharset=utf-8",
    "application/json; v",
    "application/json; charset=us-ascii",
    'application/json; CHARSET="UTF-8"',
    "application/json;charset=utf8",
    " application/json",
  ])("%j is JSON: its parameters change nothing", (header) => expect(mediaTypeOf(header)).toBe("application/json"));

  test.each([
    undefined,
    "",
    " ",
    ";",
    "json",
    "application/",
    "application/json, text/plain",
    "application/json; v=1, text/plain",
    "application/json application/json",
    'application/json; profile="x',
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "application/json; charset=utf-8; charset=latin1",
    'application/json; charset="UTF-16LE"',
    "application/json; charset",
    "application/json; charset=",
    "application/json;=1",
    "application/json\u00a0; v=1",
    "application/json\u00a0",
  ])("%j has none, several, or one that is not read", (header) => expect(mediaTypeOf(header)).toBeNull());

  test("types that resemble JSON keep their own name", () => {
    expect(mediaTypeOf("application/jsonx; charset=utf-8")).toBe("application/jsonx");
    expect(mediaTypeOf('application/x-protobuf; messageType="x"')).toBe("application/x-protobuf");
  });

  test("any list of parameters without a charset leaves the type as it is", () => {
    const token = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,8}$/);
    const quoted = fc.stringMatching(/^[ !#-[\]-~]{0,12}$/).map((text) => `"${text}"`);
    const name = token.filter((text) => text.toLowerCase() !== "charset");
    const parameter = fc.oneof(
      fc.constant(""),
      name,
      fc.tuple(name, fc.oneof(token, quoted)).map(([key, value]) => `${key}=${value}`),
    );
    const space = fc.constantFrom("", " ", "\t", "  ");
    const parameters = fc.array(fc.tuple(space, space, parameter).map(([before, after, text]) => `${before};${after}${text}`));
    fc.assert(
      fc.property(parameters, (list) => {
        expect(mediaTypeOf(`application/json${list.join("")}`)).toBe("application/json");
      }),
    );
  });

  test("a header of any length that nearly matches is read fast", () => {
    expect(mediaTypeOf(`application/json${" ;  ".repeat(4_000)},`)).toBeNull();
    expect(mediaTypeOf(`application/json; a="${"\\\\".repeat(8_000)}`)).toBeNull();
  });
});

describe("the problem of a charset", () => {
  test.each([
    ["application/json; charset=iso-8859-1", "The charset iso-8859-1 is not read: send UTF-8."],
    ['application/json; v=1; CHARSET="UTF-16LE"', "The charset utf-16le is not read: send UTF-8."],
    ["application/json; charset=utf-8; charset=latin1", "The charset latin1 is not read: send UTF-8."],
    ["application/json; charset", "The charset of Content-Type has no value: send UTF-8, and name it or none."],
    ["application/json; charset=", "The charset of Content-Type has no value: send UTF-8, and name it or none."],
    ['application/json; charset=""', "The charset of Content-Type has no value: send UTF-8, and name it or none."],
  ])("%s: %s", (header, problem) => {
    expect(charsetProblem(header)).toBe(problem);
    expect(mediaTypeOf(header)).toBeNull();
  });

  test.each([undefined, "", "text/plain", "application/json; charset=utf-8", 'application/json; charset="utf-8"', "application/json; v="])(
    "%j has none",
    (header) => expect(charsetProblem(header)).toBeNull(),
  );

  test("an unregistered charset is not repeated", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{3}\d{6,20}$/), (name) => {
        expect(charsetProblem(`application/json; charset=${name}`)).toBe("The charset of Content-Type is not read: send UTF-8.");
      }),
    );
  });
});
