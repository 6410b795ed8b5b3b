'use client';

import type { WholeMessage } from '@otp/example-shared';
import { useEffect, useState } from 'react';

export function Message({ message }: { readonly message: WholeMessage }) {
  const { channel, to, code, sentAt, provider } = message;
  const isMail = channel === 'email';
  return (
    <li className={`message ${isMail ? 'email' : 'sms'}`}>
      <article>
        <p className="head">
          <span className="kind">{isMail ? 'E-mail' : 'Text message'}</span> to{' '}
          <span className="to">{to}</span>
          {provider === 'second' && <span className="provider">by the second provider</span>}
          {/* The server's time zone is not the reader's. */}
          <time dateTime={sentAt} suppressHydrationWarning>
            {new Date(sentAt).toLocaleTimeString()}
          </time>
        </p>
        {isMail ? <Mail message={message} /> : <Text message={message} />}
        <CopyButton code={code} />
      </article>
    </li>
  );
}

/** In a frame without scripts, forms or an origin, whatever the message says. */
function Mail({ message }: { readonly message: WholeMessage }) {
  const { subject, html } = message;
  return (
    <>
      <p className="subject">{subject}</p>
      {html !== undefined && (
        <iframe
          className="mail"
          sandbox=""
          title="The e-mail as HTML"
          loading="lazy"
          srcDoc={html}
        />
      )}
      <details open={html === undefined}>
        <summary>Plain text</summary>
        <Text message={message} />
      </details>
    </>
  );
}

function Text({ message: { text, code } }: { readonly message: WholeMessage }) {
  // The first one stands out: an SMS repeats it for the phone.
  const at = text.indexOf(code);
  const [before, after] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + code.length)];
  return (
    <p className="text">
      {before}
      {at >= 0 && <strong>{code}</strong>}
      {after}
    </p>
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
