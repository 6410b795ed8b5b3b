/** A mobile number of each country; by ISO 3166-1 alpha-2. */
const SAMPLES = [
  { country: 'US', number: '+1 202 555 0123' },
  { country: 'GB', number: '+44 7400 123456' },
  { country: 'FR', number: '+33 6 12 34 56 78' },
];

/**
 * Which numbers get a code, and one to see a refusal with.
 * @param {readonly string[]} served
 */
export function explainCountries(served) {
  const names = new Intl.DisplayNames('en', { type: 'region' });
  const list = new Intl.ListFormat('en').format(served.map((each) => names.of(each) ?? each));
  const where = `Numbers are served in ${list}.`;
  const sample = SAMPLES.find(({ country }) => !served.includes(country));
  if (sample === undefined) return where;
  return `${where} Try ${sample.number} (${names.of(sample.country)}) to see one refused.`;
}
