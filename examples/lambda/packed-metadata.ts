export type Plan = readonly unknown[];

/** What `@otp/core` reads of the metadata of libphonenumber-js. */
export interface NumberingPlans {
  /** Countries by calling code, the main one first. */
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>;
  readonly countries: Readonly<Record<string, Plan>>;
}

/** Most of the text is this, as JSON writes it; nothing else in a pattern has a `d`. */
const DIGIT = '\\\\d';

/** What says what a number is; the other fields of a plan say how to write one. */
type Packed = readonly [
  codes: NumberingPlans['country_calling_codes'],
  patterns: Plan,
  lengths: Plan,
  nationalPrefixes: Plan,
  prefixesForParsing: Plan,
  replacements: Plan,
  leadingDigits: Plan,
  mobilePatterns: Plan,
  mobileLengths: Plan,
];

/**
 * The plans as a text without what is never read. Field by field rather than country by country, so that
 * what looks alike is side by side: 15 % less of them, compressed. See METADATA.md of libphonenumber-js.
 */
export function pack({ country_calling_codes: codes, countries }: NumberingPlans): string {
  const plans = namesOf(codes).map((country) => countries[country] ?? []);
  const field = (index: number) => plans.map((plan) => plan[index] ?? 0);
  // Of the types of numbers the second is mobile: its pattern and, where they are not the plan's, lengths.
  const mobile = plans.map((plan) => (plan[11] as readonly Plan[] | undefined)?.[1] ?? []);
  const mobileField = (index: number) => mobile.map((type) => type[index] ?? 0);
  const packed: Packed = [
    codes,
    ...([field(2), field(3), field(5), field(7), field(8), field(10)] as const),
    ...([mobileField(0), mobileField(1)] as const),
  ];
  const text = JSON.stringify(packed);
  if (text.replaceAll(DIGIT, '').includes('d')) throw new Error('A plan has a d that is no \\d.');
  return text.replaceAll(DIGIT, 'd');
}

/** What is left of the plans, each field where it was. Without a loop over the fields: a cold start waits for it. */
export function unpack(text: string): NumberingPlans {
  const packed: Packed = JSON.parse(text.replaceAll('d', DIGIT));
  const [codes, a, b, c, d, e, f, mobile, lengths] = packed;
  const countries: Record<string, Plan> = {};
  for (const [i, country] of namesOf(codes).entries()) {
    const types = mobile[i] ? [0, lengths[i] ? [mobile[i], lengths[i]] : [mobile[i]]] : 0;
    countries[country] = [0, 0, a[i], b[i], 0, c[i], 0, d[i], e[i], 0, f[i], types];
  }
  return { country_calling_codes: codes, countries };
}

function namesOf(codes: NumberingPlans['country_calling_codes']): string[] {
  return Object.values(codes).flat();
}
