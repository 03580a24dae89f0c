/**
 * Checks a receipt, for anybody, on this device: from the address behind its `#`, which no server
 * sees, from a pasted text, from a file or a picture. Nothing of it is sent.
 */

import { readConfig } from "../common/config.js";
import { mount } from "../common/island.js";
import { load } from "../common/language.js";
import { Check } from "./check.js";
import { Keys } from "./keys.js";
import { CHECK_TEXTS } from "./texts/load.js";

const config = readConfig();
const keys = new Keys(config);
void load(CHECK_TEXTS, config.language).then((texts) => new Check(config, texts, keys, mount()).start());
