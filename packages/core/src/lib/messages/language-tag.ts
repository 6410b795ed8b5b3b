import * as v from 'valibot';
import { text } from '../util/schema.js';

/** The schema of a language tag (BCP 47). Its output is the canonical form: `de-ch` becomes `de-CH`. */
export function languageTag() {
  return v.pipe(
    text(),
    v.transform(toCanonicalTag),
    v.string("must be a language tag (BCP 47), like 'en' or 'pt-BR'"),
  );
}

function toCanonicalTag(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}
