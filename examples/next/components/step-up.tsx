'use client';

import type { DemoConfig } from '@otp/example-shared';
import { createChallenge, createOtp, makeTransfer } from '@otp/example-shared/public/api.js';
import { wordsFor } from '@otp/example-shared/public/errors.js';
import { describeProof } from '@otp/example-shared/public/proof.js';
import { type FormEvent, type ReactNode, useState } from 'react';
import { BusyButton } from './busy-button';
import { CodeForm } from './code-form';
import { FlowMain } from './flow-main';
import { ErrorSlot, Panel } from './panel';
import { type Result, ResultJson } from './result';
import type { Step } from './steps';
import { useFlow } from './use-flow';
import { useOtpForm } from './use-otp-form';

interface StepUpProps {
  readonly config: DemoConfig;
  readonly intro: ReactNode;
  readonly steps: readonly Step[];
}

interface TransferAnswer {
  readonly amr: readonly string[];
  readonly auth_time: number;
}

type StepKey = 'verify_sms' | 'verify_email';

export function StepUp({ config, intro, steps }: StepUpProps) {
  const { user } = config;
  /** The page knows it, so that the status need not tell. */
  const recipientOf = (channel: string) => (channel === 'email' ? user.email : user.phone);
  const flow = useFlow('confirm');
  const [step, setStep] = useState<StepKey>('verify_sms');
  const [result, setResult] = useState<(Result & { hostAnswer: TransferAnswer }) | undefined>();
  const form = useOtpForm(flow, {
    kind: 'step-up',
    config,
    recipientOf: (status) => recipientOf(status.channel),
    useToken: makeTransfer,
    onDone: (token, hostAnswer) => setResult({ token, hostAnswer: hostAnswer as TransferAnswer }),
  });

  async function start() {
    const challenge = await createChallenge(step);
    if (!challenge.ok) return { place: 'challenge', answer: challenge } as const;
    const challengeToken: string = challenge.data.challenge_token;
    const answer = await createOtp({ challenge_token: challengeToken });
    return { place: 'stepUp', answer, challengeToken } as const;
  }

  async function confirm(event: FormEvent): Promise<void> {
    event.preventDefault();
    const outcome = await flow.runBusy('confirm', () => {
      flow.clearError();
      flow.say('Sending a code…');
      return start();
    });
    if (outcome === undefined) return;
    flow.say('');
    const { place, answer, challengeToken } = outcome;
    if (!answer.ok) {
      flow.showError(wordsFor(place, answer));
      return flow.focus('confirm');
    }
    form.open(recipientOf(step === 'verify_email' ? 'email' : 'sms'), answer, challengeToken);
  }

  function choose(chosen: StepKey): void {
    setStep(chosen);
    flow.clearError();
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
      label="Transfer"
      labelWhileCode="Back to the transfer"
      showsCookieNote={form.showsCookieNote}
      onRestart={restart}
    >
      <p className="user">
        Signed in as <strong id="user-name">{user.name}</strong>
      </p>

      <Panel flow={flow} of="start">
        <h2 tabIndex={-1}>Confirm this transfer</h2>
        <dl className="transfer">
          <div>
            <dt>Amount</dt>
            <dd className="amount">€250.00</dd>
          </div>
          <div>
            <dt>To</dt>
            <dd>Grace Example</dd>
          </div>
        </dl>
        <form id="start-form" noValidate onSubmit={(event) => void confirm(event)}>
          <fieldset aria-describedby="error">
            <legend>Where should the code go?</legend>
            <div className="choices">
              <label className="choice">
                <input
                  id="step-sms"
                  type="radio"
                  name="step"
                  checked={step === 'verify_sms'}
                  onChange={() => choose('verify_sms')}
                />
                <span>
                  <strong>Text message</strong>
                  <span className="to">to {user.phone}</span>
                </span>
              </label>
              <label className="choice">
                <input
                  id="step-email"
                  type="radio"
                  name="step"
                  checked={step === 'verify_email'}
                  onChange={() => choose('verify_email')}
                />
                <span>
                  <strong>E-mail</strong>
                  <span className="to">to {user.email}</span>
                </span>
              </label>
            </div>
          </fieldset>
          <ErrorSlot />
          <BusyButton flow={flow} id="confirm" kind="primary" busyLabel="Sending a code…">
            Confirm transfer
          </BusyButton>
        </form>
      </Panel>

      <Panel flow={flow} of="code">
        <h2 tabIndex={-1}>Enter the code</h2>
        <p className="sent">
          To send <strong>€250.00</strong> to Grace Example, enter the{' '}
          <span className="nowrap">6-digit</span> code that we sent to{' '}
          <strong id="recipient">{form.recipient}</strong>.
        </p>
        <CodeForm flow={flow} form={form} />
      </Panel>

      <Panel flow={flow} of="ended">
        <h2 id="ended-title" tabIndex={-1}>
          Nothing was transferred
        </h2>
        <ErrorSlot />
      </Panel>

      <Panel flow={flow} of="done" id="result">
        <p className="seal" aria-hidden="true" />
        <h2 id="done-title" tabIndex={-1}>
          Transfer confirmed
        </h2>
        <p id="summary" className="sent">
          {result &&
            `€250.00 is on its way to Grace Example, confirmed ${describeProof(result.hostAnswer)}.`}
        </p>
        <ResultJson result={result} call="POST /demo/transfer" />
      </Panel>
    </FlowMain>
  );
}
