import { type OtpMessage, SendError, type Sender } from '@otp/core';

/** Posts each message to your service that sends it; without a URL, writes it to the log. */
export function createSender(url: string | undefined): Sender {
  return url ? { send: (message) => post(url, message) } : { send: log };
}

async function post(url: string, { signal, ...message }: OtpMessage): Promise<undefined> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': message.idempotencyKey },
    body: JSON.stringify(message),
    signal,
  }).catch((cause: unknown) => {
    // The request may have arrived all the same.
    throw new SendError('unknown', 'OTP_SENDER_URL has not answered', { cause });
  });
  if (response.ok) return undefined;
  const kind = response.status === 422 ? 'rejected' : 'unavailable';
  throw new SendError(kind, `OTP_SENDER_URL answered ${response.status}`);
}

async function log({ channel, to, content }: OtpMessage): Promise<undefined> {
  console.log(`OTP_SENDER_URL is not set. ${channel} to ${to}: ${content.text}`);
}
