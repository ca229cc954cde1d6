/** Node's `request.headers`: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type PresentedKey =
  | { readonly kind: "presented"; readonly key: string }
  | { readonly kind: "absent" }
  /** Not a bearer credential, sent twice, or two different keys: choosing one would be a guess. */
  | { readonly kind: "invalid" };

const absent = { kind: "absent" } as const;
const invalid = { kind: "invalid" } as const;

/** Reads the key from `Authorization: Bearer <key>` or `x-api-key` only: queries end up in logs, and cookies are sent automatically. */
export function presentedKey(headers: RequestHeaders): PresentedKey {
  const bearer = bearerKey(headers["authorization"]);
  const plain = plainKey(headers["x-api-key"]);
  if (bearer.kind === "absent") return plain;
  if (plain.kind === "absent" || bearer.kind === "invalid") return bearer;
  return plain.kind === "presented" && plain.key === bearer.key ? bearer : invalid;
}

function bearerKey(header: string | readonly string[] | undefined): PresentedKey {
  if (header === undefined) return absent;
  if (typeof header !== "string") return invalid;
  const key = /^bearer ([\x21-\x7e]+)$/i.exec(header)?.[1];
  return key === undefined ? invalid : { kind: "presented", key };
}

function plainKey(header: string | readonly string[] | undefined): PresentedKey {
  if (header === undefined) return absent;
  return typeof header === "string" && /^[\x21-\x7e]+$/.test(header) ? { kind: "presented", key: header } : invalid;
}
