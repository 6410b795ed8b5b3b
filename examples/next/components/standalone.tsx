'use client';

import type { DemoConfig } from '@otp/example-shared';
import { createOtp, startSession } from '@otp/example-shared/public/api.js';
import { wordsFor } from '@otp/example-shared/public/errors.js';
import { parseIdentifier } from '@otp/example-shared/public/identifier.js';
import { describeProof } from '@otp/example-shared/public/proof.js';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { BusyButton } from './busy-button';
import { CodeForm } from './code-form';
import { FlowMain } from './flow-main';
import { ErrorSlot, Panel } from './panel';
import { type Result, ResultJson } from './result';
import type { Step } from './steps';
import { useFlow } from './use-flow';
import { useOtpForm } from './use-otp-form';

interface StandaloneProps {
  readonly config: DemoConfig;
  readonly intro: ReactNode;
  readonly steps: readonly Step[];
}

interface SessionAnswer {
  readonly identifier: { readonly value: string };
  readonly amr: readonly string[];
  readonly auth_time: number;
}

export function Standalone({ config, intro, steps }: StandaloneProps) {
  const flow = useFlow('identifier');
  const [result, setResult] = useState<(Result & { hostAnswer: SessionAnswer }) | undefined>();
  const form = useOtpForm(flow, {
    kind: 'standalone',
    config,
    recipientOf: (status) => status.recipient_hint ?? '',
    useToken: startSession,
    onDone: (token, hostAnswer) => setResult({ token, hostAnswer: hostAnswer as SessionAnswer }),
  });
  const input = useRef<HTMLInputElement>(null);

  async function requestCode(event: FormEvent): Promise<void> {
    event.preventDefault();
    const parsed = parseIdentifier(input.current?.value ?? '');
    if (!parsed.ok) return flow.showError(parsed.words, 'identifier');
    const { identifier } = parsed;
    const answer = await flow.runBusy('send', () => {
      flow.clearError();
      flow.say('Sending a code…');
      return createOtp({ identifier });
    });
    if (answer === undefined) return;
    flow.say('');
    if (answer.ok) return form.open(identifier.value, answer);
    const isBlocked = answer.code === 'auth_blocked' && !answer.retryAfterSeconds;
    const isAboutField = answer.code === 'bad_request' || isBlocked;
    flow.showError(wordsFor('create', answer), isAboutField ? 'identifier' : undefined);
    if (!isAboutField) flow.focus('send');
  }

  function restart(): void {
    form.close();
    setResult(undefined);
  }

  return (
    <FlowMain
      flow={flow}
      intro={intro}
      steps={steps}
      label="Verification"
      labelWhileCode="Use another number or address"
      showsCookieNote={form.showsCookieNote}
      onRestart={restart}
    >
      <Panel flow={flow} of="start">
        <h2 tabIndex={-1}>Where should the code go?</h2>
        <form id="start-form" noValidate onSubmit={(event) => void requestCode(event)}>
          <label htmlFor="identifier">Mobile number or e-mail address</label>
          <input
            ref={input}
            id="identifier"
            type="text"
            inputMode="email"
            autoComplete="username"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            enterKeyHint="send"
            required
            aria-describedby="identifier-hint error"
            aria-invalid={flow.invalid === 'identifier' ? true : undefined}
            onInput={flow.clearError}
          />
          <p id="identifier-hint" className="hint">
            Numbers start with their country code, like{' '}
            <span className="nowrap">+1 202 555 0123</span>.
          </p>
          <ErrorSlot />
          <BusyButton flow={flow} id="send" kind="primary" busyLabel="Sending…">
            Send the code
          </BusyButton>
        </form>
      </Panel>

      <Panel flow={flow} of="code">
        <h2 tabIndex={-1}>Enter the code</h2>
        <p className="sent">
          We sent a <span className="nowrap">6-digit</span> code to{' '}
          <strong id="recipient">{form.recipient}</strong>. It works for 10 minutes.
        </p>
        <CodeForm flow={flow} form={form} />
      </Panel>

      <Panel flow={flow} of="ended">
        <h2 id="ended-title" tabIndex={-1}>
          Not verified
        </h2>
        <ErrorSlot />
      </Panel>

      <Panel flow={flow} of="done" id="result">
        <p className="seal" aria-hidden="true" />
        <h2 id="done-title" tabIndex={-1}>
          Verified
        </h2>
        <p id="summary" className="sent">
          {result && (
            <>
              <strong>{result.hostAnswer.identifier.value}</strong> was proven{' '}
              {describeProof(result.hostAnswer)}.
            </>
          )}
        </p>
        <ResultJson result={result} call="POST /demo/session" />
      </Panel>
    </FlowMain>
  );
}
