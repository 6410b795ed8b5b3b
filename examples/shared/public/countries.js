/** A mobile number of each country; by ISO 3166-1 alpha-2. */
const SAMPLES = [
  ['US', '+1 202 555 0123'],
  ['GB', '+44 7400 123456'],
  ['FR', '+33 6 12 34 56 78'],
];

/**
 * Which numbers get a code, and one to see a refusal with.
 * @param {readonly string[]} served
 */
export function explainCountries(served) {
  const names = new Intl.DisplayNames('en', { type: 'region' });
  const list = new Intl.ListFormat('en').format(served.map((each) => names.of(each) ?? each));
  const [country, number] = SAMPLES.find(([each]) => !served.includes(each)) ?? [];
  const where = `Numbers are served in ${list}.`;
  return country === undefined
    ? where
    : `${where} Try ${number} (${names.of(country)}) to see one refused.`;
}
