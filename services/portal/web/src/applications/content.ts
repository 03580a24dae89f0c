/** What was sent, as lines of question and answer in the order of the form. */

import { longDate, plainNumber } from "../common/format.js";
import type { Language, Text } from "../common/language.js";
import type { Content } from "./model.js";
import type { ApplicationsTexts } from "./texts/it.js";

/** A form or a part of one; only what its answers are shown with. */
export interface Shape {
  readonly label?: Text;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum_labels?: Readonly<Record<string, Text>>;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly order?: readonly string[];
  readonly then?: Shape;
  readonly else?: Shape;
}

export interface Line {
  readonly question: string;
  readonly answer: string;
}

export interface Words {
  readonly language: Language;
  readonly texts: ApplicationsTexts;
}

const APPLICANT = ["family_name", "given_name", "tax_code", "birth_date", "iban", "email", "phone"] as const;

/** Returns the lines about the applicant, then the answers. */
export function linesOf(content: Content, form: Shape, words: Words): Line[] {
  const applicant = APPLICANT.filter((name) => typeof content.applicant[name] === "string");
  const about = applicant.map((name) => ({
    question: words.texts.applicant[name],
    answer: text(content.applicant[name], name === "birth_date" ? { format: "date" } : {}, words),
  }));
  const mandate = content.mandate === undefined ? [] : [{ question: words.texts.mandate, answer: content.mandate }];
  return [...about, ...mandate, ...fields(content.answers, form, "", words)];
}

function fields(answers: Readonly<Record<string, unknown>>, form: Shape, before: string, words: Words): Line[] {
  const shapes = shapesOf(form);
  const given = Object.keys(answers);
  const known = [...new Set([...(form.order ?? []), ...shapes.keys()])].filter((name) => given.includes(name));
  // a form that has changed since may lack what was asked then
  const rest = given.filter((name) => !known.includes(name));
  return [...known, ...rest].flatMap((name) => {
    const shape = shapes.get(name) ?? {};
    return lines(answers[name], shape, before + (shape.label?.[words.language] ?? name), words);
  });
}

/** The fields of a form, those that only a condition asks for included. */
function shapesOf(form: Shape): Map<string, Shape> {
  const parts = [form.properties, form.then?.properties, form.else?.properties];
  const shapes = new Map<string, Shape>();
  for (const [name, shape] of parts.flatMap((part) => Object.entries(part ?? {}))) {
    if (shape.label !== undefined || !shapes.has(name)) shapes.set(name, shape);
  }
  return shapes;
}

function lines(value: unknown, shape: Shape, question: string, words: Words): Line[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) =>
      lines(item, shape.items ?? {}, `${question} ${index + 1}`, words),
    );
  }
  if (typeof value === "object" && value !== null) {
    return fields(value as Record<string, unknown>, shape, `${question}: `, words);
  }
  return [{ question, answer: text(value, shape, words) }];
}

function text(value: unknown, shape: Shape, { language, texts }: Words): string {
  switch (typeof value) {
    case "boolean":
      if (shape.const === true && value) return texts.confirmed;
      return value ? texts.yes : texts.no;
    case "number":
      return plainNumber(value, language);
    case "string":
      if (shape.format === "date") return longDate(value, language);
      return shape.enum_labels?.[value]?.[language] ?? value;
    default:
      return "–";
  }
}

