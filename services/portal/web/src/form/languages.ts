/**
 * Changes the language in place: what was typed stays in memory, and nothing of it goes into a
 * storage or an address. The frame of the page comes from the same page in the other language.
 */

import type { Config } from "../common/config.js";
import { readConfig } from "../common/config.js";
import { LANGUAGES, type Language } from "../common/language.js";

/** Parts around the island that are replaced whole. */
const FRAME = [".skiplinks", "body > header", ".breadcrumb", "body > footer"];

/** Runs `change` for a click on another language; the click leads nowhere then. */
export function onLanguage(change: (language: Language, url: string) => void): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a[hreflang]");
    const language = LANGUAGES.find((language) => language === link?.getAttribute("hreflang"));
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    if (!(link instanceof HTMLAnchorElement) || language === undefined || !plain) return;
    event.preventDefault();
    change(language, link.href);
  });
}

/** Reads the frame of the page at an address: a document of its own, without the page's styles. */
export function frameOf(url: string): Promise<Document> {
  return fetchPage(new URL("frame/", url).href);
}

/** Puts the frame of the other page in place, and returns its settings. */
export function takeFrame(other: Document, url: string): Config {
  const config = readConfig(other);
  for (const selector of FRAME) {
    const [mine, theirs] = [document.querySelector(selector), other.querySelector(selector)];
    if (mine !== null && theirs !== null) mine.replaceWith(document.importNode(theirs, true));
  }
  document.documentElement.lang = config.language;
  document.title = other.title;
  history.replaceState(history.state, "", new URL(url).pathname);
  return config;
}

/** Reads a page of this site without running anything in it. */
function fetchPage(url: string): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.timeout = 10_000;
    request.onload = () => {
      const { responseXML } = request;
      if (request.status === 200 && responseXML !== null) resolve(responseXML);
      else reject(new Error("no page"));
    };
    request.onerror = request.ontimeout = () => reject(new Error("no page"));
    request.send();
  });
}
