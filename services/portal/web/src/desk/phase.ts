/** Where the sending of a file stands. */

import type { Problem } from "../common/api.js";
import type { BatchEnd } from "./answer.js";

export type Phase =
  | { readonly is: "ready" }
  | { readonly is: "sending" }
  | { readonly is: "pausing" }
  | { readonly is: "paused" }
  | { readonly is: "signed-out" }
  | { readonly is: "closed"; readonly opensAt: string | null }
  | { readonly is: "refused"; readonly problem: Problem }
  /** The file is gone or has changed. */
  | { readonly is: "unreadable" }
  | { readonly is: "joining" }
  | { readonly is: "done"; readonly end: BatchEnd };
