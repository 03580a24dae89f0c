/** The public pages, in the three languages. */
const BENEFITS = ["baby-sitting-bonus-2020", "indemnity-march-2020", "parental-leave-2020"];

const PATHS = {
  it: { benefit: "prestazioni", apply: "domanda", rest: ["verifica", "domande", "patronati", "andamento", "aiuto", "privacy", "accessibilita", "note-legali"] },
  en: { benefit: "benefits", apply: "apply", rest: ["check", "applications", "intermediaries", "progress", "help", "privacy", "accessibility", "legal"] },
  de: { benefit: "leistungen", apply: "antrag", rest: ["pruefen", "antraege", "patronate", "stand", "hilfe", "privacy", "barrierefreiheit", "impressum"] },
};

export const LANGUAGES = Object.keys(PATHS);

/** The paths of the pages of a benefit: what it is, and its form. */
export function benefitPages(language, id) {
  const { benefit, apply } = PATHS[language];
  return { benefit: `/${language}/${benefit}/${id}/`, apply: `/${language}/${benefit}/${id}/${apply}/` };
}

/** Every public page of a language. */
export function pagesOf(language) {
  const benefits = BENEFITS.flatMap((id) => Object.values(benefitPages(language, id)));
  return [`/${language}/`, ...benefits, ...PATHS[language].rest.map((path) => `/${language}/${path}/`)];
}

export const ALL_PAGES = LANGUAGES.flatMap(pagesOf);
