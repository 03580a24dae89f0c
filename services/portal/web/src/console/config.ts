import { type Config, readConfig } from "../common/config.js";

/** What the console's page tells its script: the data block `#config`. */
export interface ConsoleConfig extends Config {
  /** Origin of the console's API; empty where it is the page's own. */
  readonly api: string;
}

export function readConsoleConfig(): ConsoleConfig {
  return readConfig() as ConsoleConfig;
}
