import { call } from "./api.js";
import type { Config } from "./config.js";
import type { Text } from "./language.js";

/** Returns the title of a benefit; its id where the portal does not have it (any more). */
export async function benefitTitle(config: Config, id: string): Promise<string> {
  if (!/^[a-z0-9-]{1,64}$/.test(id)) return id;
  const answer = await call<{ title?: Partial<Text> }>(`/data/benefits/${id}.json`, {
    language: config.language,
    seconds: 5,
  });
  return (answer.kind === "ok" && answer.body.title?.[config.language]) || id;
}
