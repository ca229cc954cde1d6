/** What a process and a child that answers its calls send each other. */

export type ToChild<Request> =
  | { readonly kind: "call"; readonly id: number; readonly request: Request }
  /** A part of the answer was taken: another may be sent. */
  | { readonly kind: "taken"; readonly id: number }
  /** Nobody waits for the answer any more. */
  | { readonly kind: "cancel"; readonly id: number };

export type FromChild<Part, Reply> =
  | { readonly kind: "part"; readonly id: number; readonly part: Part }
  | { readonly kind: "reply"; readonly id: number; readonly reply: Reply }
  /** For the log of the parent. */
  | { readonly kind: "trouble"; readonly trouble: string };

/** How many parts of an answer may be sent before one is taken. */
export const partsAhead = 2;
