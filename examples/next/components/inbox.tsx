'use client';

import type { WholeMessage } from '@otp/example-shared';
import { readWholeInbox } from '@otp/example-shared/public/api.js';
import {
  explainEmpty,
  filterMessages,
  SHOWN,
  summarize,
} from '@otp/example-shared/public/messages.js';
import { useEffect, useState } from 'react';
import { Message } from './message';

const REFRESH_MS = 1500;

/** `sent`: what was there when the page was made; more appears by itself. */
export function Inbox({ sent }: { readonly sent: readonly WholeMessage[] }) {
  const [filter, setFilter] = useState('');
  const { messages, isOffline } = useMessages(sent);
  const matching = filterMessages(messages, filter);
  return (
    <main id="main" className="layout inbox" tabIndex={-1}>
      <div className="intro">
        <p className="eyebrow">On this machine only</p>
        <h1>Dev inbox</h1>
        <p className="lede">
          <strong>What is this?</strong> Every message that the demo would have sent, as the person
          who gets it would see it, newest first.
        </p>
        <div className="filter">
          <label htmlFor="filter">Show only messages to</label>
          <input
            id="filter"
            type="search"
            inputMode="email"
            autoComplete="off"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
        </div>
        <p id="status" className={isOffline ? 'status live offline' : 'status live'} role="status">
          {summarize(matching.length)}
        </p>
        <p id="error" className="error" role="alert">
          {isOffline && 'The demo server does not answer. Trying again every few seconds.'}
        </p>
      </div>
      <section className="feed" aria-label="Messages">
        <ol id="messages" className="messages">
          {matching.slice(0, SHOWN).map((message) => (
            <Message key={JSON.stringify(message)} message={message} />
          ))}
        </ol>
        <p id="empty" className="empty" hidden={matching.length > 0}>
          {explainEmpty(messages.length)}
        </p>
      </section>
    </main>
  );
}

function useMessages(sent: readonly WholeMessage[]) {
  const [messages, setMessages] = useState(sent);
  const [isOffline, setIsOffline] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    async function refresh() {
      if (!document.hidden) {
        const answer = await readWholeInbox();
        setIsOffline(!answer.ok);
        if (answer.ok) setMessages(answer.data);
      }
      timer = setTimeout(refresh, REFRESH_MS);
    }
    timer = setTimeout(refresh, REFRESH_MS);
    return () => clearTimeout(timer);
  }, []);
  return { messages, isOffline };
}
