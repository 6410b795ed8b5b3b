/** The bytes as they are, in hexadecimal, and in base64 at each of three offsets. */
export function spellingsOf(secret: string | Uint8Array): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const texts = [hex, hex.toUpperCase(), ...[0, 1, 2].flatMap((lead) => base64Within(bytes, lead))];
  return [bytes, ...texts.map((text) => Buffer.from(text))];
}

/** The base64 of bytes that follow `lead` others, without the characters that depend on their neighbours. */
function base64Within(bytes: Buffer, lead: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(lead), bytes]);
  const from = Math.ceil((lead * 8) / 6);
  const to = Math.floor((padded.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((encoding) =>
    padded.toString(encoding).slice(from, to),
  );
}
