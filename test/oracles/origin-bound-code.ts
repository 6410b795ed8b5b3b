/** The parts of an origin-bound one-time code message. */
export interface OriginBoundCode {
  readonly host: string;
  readonly embedded: string | null;
  readonly code: string;
}

/**
 * Parses an origin-bound one-time code message, by the steps of https://wicg.github.io/sms-one-time-codes/#parsing.
 * Returns undefined for failure.
 */
export function parseOriginBoundCode(message: string): OriginBoundCode | undefined {
  const line = lastLine(message);
  const host = extractMarkedToken(line, 0, '@');
  if (host === undefined) return undefined;
  if (line[host.position] !== ' ') return undefined;
  const code = extractMarkedToken(line, host.position + 1, '#');
  if (code === undefined) return undefined;
  const more = line[code.position] === ' ';
  const embedded = more ? extractMarkedToken(line, code.position + 1, '%') : undefined;
  return { host: host.token, embedded: embedded?.token ?? null, code: code.token };
}

function extractMarkedToken(text: string, start: number, marker: string) {
  if (text[start] !== marker) return undefined;
  const [token = ''] = /^[^\t\n\f\r ]*/.exec(text.slice(start + 1)) ?? [];
  return token === '' ? undefined : { token, position: start + 1 + token.length };
}

function lastLine(text: string): string {
  return text.replace(/\r\n?/g, '\n').split('\n').at(-1) ?? '';
}
