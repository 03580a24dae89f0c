import type { Language } from "./language.js";

/** The portal's pages to which islands link. */
export type PathName =
  | "home"
  | "applications"
  | "check"
  | "desk"
  | "progress"
  | "help"
  | "privacy"
  | "benefit"
  | "apply";

/** What a page tells its island: the data block `#config`. */
export interface Config {
  readonly language: Language;
  readonly page: string;
  readonly benefit: string | null;
  /** Origins of the services; empty where they are the page's own. */
  readonly intake: string;
  readonly status: string;
  readonly issuer: string;
  readonly client_id: string;
  /** Address of the set of icons. */
  readonly icons: string;
  readonly office: {
    readonly name: string;
    readonly phone: string | null;
    readonly email: string | null;
  };
  readonly paths: Readonly<Partial<Record<PathName, string>>>;
  /** This page in each language. */
  readonly languages: Readonly<Record<Language, string>>;
}

/** Reads the data block of a page. Throws where it is missing: no island works without it. */
export function readConfig(from: Document = document): Config {
  const block = from.getElementById("config");
  return JSON.parse(block?.textContent ?? "") as Config;
}
