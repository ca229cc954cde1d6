/** The page of one kind of problem at `/problems/<slug>`. */
export type ProblemType = {
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
  readonly whatToDo: string;
  /** Whether the same request may succeed later. */
  readonly retry: "never" | "after a change" | "later";
};

/** Every kind of problem of our processes; the slug is the last segment of the problem's `type`. */
export const problemTypes = {
  "malformed-request": {
    status: 400,
    title: "The request could not be read",
    meaning: "The request breaks the rules of HTTP, of its content type or of its content encoding.",
    whatToDo: "Correct the request as the detail says. Sending the same bytes again gives the same answer.",
    retry: "never",
  },
  "invalid-input": {
    status: 400,
    title: "The input is not valid",
    meaning: "The request was read, but parameters or parts of the body are missing, of the wrong type or out of range.",
    whatToDo: "Correct the places that `errors` lists by path, then send the request again.",
    retry: "after a change",
  },
  unauthenticated: {
    status: 401,
    title: "No valid credentials",
    meaning: "The request carries no API key, or one that is malformed, unknown, expired or revoked.",
    whatToDo: "Send a valid key as `Authorization: Bearer <key>` or `x-api-key: <key>`. Keys in the query or in cookies are not read.",
    retry: "after a change",
  },
  forbidden: {
    status: 403,
    title: "Not permitted",
    meaning: "The key is valid, but its role does not include what the request asks for.",
    whatToDo: "Use a key whose role has the permission, or ask an administrator for one.",
    retry: "after a change",
  },
  "not-found": {
    status: 404,
    title: "Not found",
    meaning: "There is nothing at this address, or nothing that the caller may know of.",
    whatToDo: "Check the method, the path and the identifiers in it.",
    retry: "after a change",
  },
  "method-not-allowed": {
    status: 405,
    title: "Method not allowed",
    meaning: "The address exists, but not for this method.",
    whatToDo: "Use one of the methods that the `Allow` header lists.",
    retry: "after a change",
  },
  "request-timeout": {
    status: 408,
    title: "The request took too long to arrive",
    meaning: "Its header or body was not complete in time, and the connection was closed. Nothing was stored.",
    whatToDo: "Send it again over a new connection, in smaller parts where the connection is slow.",
    retry: "later",
  },
  conflict: {
    status: 409,
    title: "Conflict with the present state",
    meaning: "What the request wants to change has changed meanwhile, or exists already.",
    whatToDo: "Read the present state, decide again, and send a new request.",
    retry: "after a change",
  },
  gone: {
    status: 410,
    title: "No longer available",
    meaning: "It existed, but has expired or was erased, and will not come back.",
    whatToDo: "Stop asking for it; create it anew where that is possible.",
    retry: "never",
  },
  "too-large": {
    status: 413,
    title: "The body is too large",
    meaning: "The body, or what it inflates to, exceeds the limit of this address. Nothing was stored.",
    whatToDo: "Split it into smaller requests.",
    retry: "after a change",
  },
  "uri-too-long": {
    status: 414,
    title: "The address is too long",
    meaning: "A part of the path exceeds its limit.",
    whatToDo: "Shorten it; long lists belong into several requests.",
    retry: "after a change",
  },
  "unsupported-media-type": {
    status: 415,
    title: "Unsupported content type or encoding",
    meaning: "This address does not read bodies of that content type or content encoding.",
    whatToDo: "Send one of the content types and encodings that the documentation of this address names.",
    retry: "after a change",
  },
  "expectation-failed": {
    status: 417,
    title: "The expectation cannot be met",
    meaning: "The `Expect` header asks for something other than `100-continue`.",
    whatToDo: "Leave the header out.",
    retry: "after a change",
  },
  unprocessable: {
    status: 422,
    title: "Understood, but not possible",
    meaning: "Every part of the request is valid, but together they ask for something that cannot be done.",
    whatToDo: "Change the request as the detail says.",
    retry: "after a change",
  },
  "too-many-requests": {
    status: 429,
    title: "Too many requests",
    meaning: "A rate limit or a quota is used up. Nothing of this request was stored.",
    whatToDo: "Wait for the seconds that `Retry-After` names, then send the same request again.",
    retry: "later",
  },
  "headers-too-large": {
    status: 431,
    title: "The header is too large",
    meaning: "There are too many header fields, or they and the address are too long together.",
    whatToDo: "Send fewer and shorter header fields.",
    retry: "after a change",
  },
  internal: {
    status: 500,
    title: "Something went wrong on our side",
    meaning: "The request met an error that we did not foresee. It was logged under the trace id in `instance`.",
    whatToDo: "Report the trace id if it happens again.",
    retry: "later",
  },
  unavailable: {
    status: 503,
    title: "Not possible at the moment",
    meaning: "A part that this request needs cannot take it now. Nothing of it is acknowledged.",
    whatToDo: "Keep what was sent, wait for the seconds that `Retry-After` names, then send the same request again.",
    retry: "later",
  },
} as const satisfies Record<string, ProblemType>;

export type ProblemSlug = keyof typeof problemTypes;

/** @returns the slug of that exact name; `null` for anything else, names of object properties included */
export function parseProblemSlug(text: string): ProblemSlug | null {
  return Object.hasOwn(problemTypes, text) ? (text as ProblemSlug) : null;
}
