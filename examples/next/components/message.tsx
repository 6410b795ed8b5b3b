'use client';

import type { InboxMessage } from '@otp/example-shared';
import { useEffect, useState } from 'react';

export function Message({ message }: { readonly message: InboxMessage }) {
  const { channel, to, code, text, sentAt } = message;
  // The first one stands out: an SMS repeats it for the phone.
  const at = text.indexOf(code);
  const [before, after] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + code.length)];
  return (
    <li className={`message ${channel === 'email' ? 'email' : 'sms'}`}>
      <article>
        <p className="head">
          <span className="kind">{channel === 'email' ? 'E-mail' : 'Text message'}</span> to{' '}
          <span className="to">{to}</span>
          {/* The server's time zone is not the reader's. */}
          <time dateTime={sentAt} suppressHydrationWarning>
            {new Date(sentAt).toLocaleTimeString()}
          </time>
        </p>
        <p className="text">
          {before}
          {at >= 0 && <strong>{code}</strong>}
          {after}
        </p>
        <CopyButton code={code} />
      </article>
    </li>
  );
}

function CopyButton({ code }: { readonly code: string }) {
  const [canCopy, setCanCopy] = useState(false);
  const [answer, setAnswer] = useState<string | undefined>();
  useEffect(() => setCanCopy(Boolean(navigator.clipboard)), []);
  useEffect(() => {
    if (answer === undefined) return;
    const timer = setTimeout(() => setAnswer(undefined), 1500);
    return () => clearTimeout(timer);
  }, [answer]);

  function copy(): void {
    navigator.clipboard.writeText(code).then(
      () => setAnswer('Copied'),
      () => setAnswer('Not copied'),
    );
  }

  return (
    <button
      className="copy"
      type="button"
      hidden={!canCopy}
      aria-label={answer ?? `Copy code ${code}`}
      onClick={copy}
    >
      {answer ?? 'Copy code'}
    </button>
  );
}
