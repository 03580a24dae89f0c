/** What every section needs: texts, formats, the API, the newest frame, and the second step. */

import type { TemplateResult } from "lit-html";
import type { CommonTexts } from "../common/texts/it.js";
import type { Client } from "./api/client.js";
import type { ConsoleConfig } from "./config.js";
import type { Formats } from "./formats.js";
import type { Live } from "./live/live.js";
import type { StepRequest } from "./step/step.js";
import type { ConsoleTexts } from "./texts/it.js";

export interface Context {
  readonly config: ConsoleConfig;
  readonly texts: ConsoleTexts;
  readonly common: CommonTexts;
  readonly formats: Formats;
  readonly client: Client;
  readonly live: Live;
  /** Shows what has changed. */
  readonly refresh: () => void;
  /** Opens the second step, which says what will happen. */
  readonly ask: <T>(step: StepRequest<T>) => void;
  /** Says a change of state to those who do not see it. */
  readonly say: (text: string) => void;
}

export const SECTIONS = ["now", "workers", "letters", "channels", "audit", "services"] as const;
export type SectionName = (typeof SECTIONS)[number];

export interface Section {
  /** Runs when the section is opened; `rest` is what follows its name in the address. */
  readonly enter: (rest: string) => void;
  readonly view: () => TemplateResult;
  /** Runs after what `view` returned is in the page. */
  readonly rendered?: () => void;
  /** Runs when another section is opened. */
  readonly leave?: () => void;
}
