'use client';

import type { DemoConfig } from '@otp/example-shared';
import {
  type Answer,
  checkOtp,
  type Refusal,
  readStatus,
  retryOtp,
  type Status,
  secondsToRetry,
} from '@otp/example-shared/public/api.js';
import {
  endsVerification,
  type Place,
  wordsFor,
  wordsForStatus,
} from '@otp/example-shared/public/errors.js';
import {
  forgetFlow,
  type KeptFlow,
  keepFlow,
  readKeptFlow,
} from '@otp/example-shared/public/kept-flow.js';
import { useEffect, useRef, useState } from 'react';
import { useCountdown } from './use-countdown';
import type { Flow } from './use-flow';

const CODE_LENGTH = 6;
const LIFE_MS = 10 * 60_000;

/** What is known of the verification under way. */
interface Verification extends KeptFlow {
  readonly openedAt: number;
  readonly wrongCodes: Set<string>;
  lastTried: string;
  /** Whether any call about it was answered. */
  answered: boolean;
}

export interface OtpFormOptions {
  readonly kind: KeptFlow['flow'];
  readonly config: DemoConfig;
  /** The recipient of a kept flow. */
  readonly recipientOf: (status: Status) => string;
  /** Hands the signed token to the host's endpoint. */
  readonly useToken: (token: string) => Promise<Answer>;
  readonly onDone: (token: string, hostAnswer: unknown) => void;
}

export type OtpForm = ReturnType<typeof useOtpForm>;

/** The code entry that both flows share. */
export function useOtpForm(flow: Flow, options: OtpFormOptions) {
  const { kind, config, recipientOf, useToken, onDone } = options;
  const countdown = useCountdown();
  const [recipient, setRecipient] = useState('');
  const [showsCookieNote, setShowsCookieNote] = useState(false);
  const current = useRef<Verification | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);

  function setCode(code: string): void {
    if (input.current !== null) input.current.value = code;
  }

  /** Begins with what a create has answered. */
  function open(to: string, answer: Answer & { ok: true }, challengeToken?: string): void {
    const handle = config.transport === 'header' ? answer.handle : undefined;
    const kept = { flow: kind, challengeToken, handle };
    keepFlow(kept);
    show(kept, to);
    flow.say('Code sent.');
    countdown.start(answer.retryAfterSeconds ?? config.retryIntervalSeconds);
  }

  /** Goes on after a reload of the page, if a verification was under way and still is. */
  async function resume(): Promise<void> {
    const kept = readKeptFlow(kind);
    if (kept === undefined) return;
    const answer = await flow.runBusy('resume', () => readStatus(kept.handle));
    if (answer === undefined) return;
    if (!answer.ok && answer.code !== 'unauthorized') {
      return flow.showError(wordsFor('resume', answer));
    }
    // It is over, or the cookie is that of another flow by now.
    if (!answer.ok || answer.data.flow !== kind) return forgetFlow();
    show(kept, recipientOf(answer.data), { answered: true });
    flow.say(wordsForStatus(answer.data));
    countdown.start(secondsToRetry(answer.data));
  }

  // Once, when the page is there.
  useEffect(() => void resume(), []);

  function show(kept: KeptFlow, to: string, { answered } = { answered: false }): void {
    current.current = {
      ...kept,
      openedAt: Date.now(),
      wrongCodes: new Set(),
      lastTried: '',
      answered,
    };
    setCode('');
    setRecipient(to);
    flow.setState('code');
  }

  function close(): void {
    forgetFlow();
    countdown.stop();
    setCode('');
    current.current = undefined;
  }

  function end(words: string): void {
    close();
    flow.say('');
    flow.setState('ended', words);
  }

  async function check(): Promise<void> {
    const verification = current.current;
    const code = input.current?.value ?? '';
    if (verification === undefined) return;
    if (code.length !== CODE_LENGTH) {
      return flow.showError(`Enter all ${CODE_LENGTH} digits of the code.`, 'code');
    }
    // A verification keeps one code for its whole life, so a wrong one would only cost a try.
    if (verification.wrongCodes.has(code)) {
      return flow.showError('This code was already tried.', 'code');
    }
    const { challengeToken, handle } = verification;
    const outcome = await flow.runBusy('verify', async () => {
      flow.clearError();
      flow.say('Checking the code…');
      verification.lastTried = code;
      const body = challengeToken ? { code, challenge_token: challengeToken } : { code };
      const checked = await checkOtp(body, handle);
      if (!checked.ok) return { checked };
      const token: string = checked.data.challenge_token;
      return { checked, token, used: await useToken(token) };
    });
    if (outcome === undefined) return;
    flow.say('');
    const { checked, used } = outcome;
    if (!checked.ok) {
      if (checked.code === 'bad_check_code') verification.wrongCodes.add(code);
      refuse('check', checked, verification);
    } else if (used?.ok) {
      close();
      flow.setState('done');
      onDone(outcome.token, used.data);
    } else if (used !== undefined) {
      end(wordsFor('host', used));
    }
  }

  async function retry(): Promise<void> {
    const verification = current.current;
    if (verification === undefined) return;
    const { handle } = verification;
    const outcome = await flow.runBusy('retry', async () => {
      flow.clearError();
      flow.say('Sending the code again…');
      const answer = await retryOtp(handle);
      return { answer, status: answer.ok ? await readStatus(handle) : undefined };
    });
    if (outcome === undefined) return;
    const { answer, status } = outcome;
    flow.say('');
    if (!answer.ok) {
      if (answer.retryAfterSeconds) countdown.start(answer.retryAfterSeconds);
      return refuse('retry', answer, verification);
    }
    verification.answered = true;
    if (status?.ok) countdown.start(secondsToRetry(status.data));
    flow.say('Sent again. It is the same code: the first message to arrive will do.');
    flow.focus('code');
    checkWhenComplete();
  }

  function refuse(place: Place, answer: Refusal, verification: Verification): void {
    // A 401 to the very first call, well within the life: the cookie has never come back.
    const isFresh = Date.now() - verification.openedAt < LIFE_MS - 30_000;
    const { answered, handle } = verification;
    if (answer.code === 'unauthorized' && !answered && isFresh && !handle) {
      setShowsCookieNote(true);
    }
    verification.answered = true;
    const words = wordsFor(place, answer);
    const isAboutCode = answer.code === 'bad_check_code' || answer.code === 'bad_request';
    if (endsVerification(answer)) {
      end(words);
    } else if (place === 'check') {
      flow.showError(words, isAboutCode ? 'code' : undefined);
      if (!isAboutCode) flow.focus('verify');
    } else {
      flow.showError(words);
      // A button that counts down takes no focus.
      flow.focus(answer.retryAfterSeconds ? 'code' : 'retry');
    }
  }

  function checkWhenComplete(): void {
    const code = input.current?.value ?? '';
    if (code.length === CODE_LENGTH && code !== current.current?.lastTried) void check();
  }

  return {
    input,
    recipient,
    showsCookieNote,
    secondsToRetry: countdown.secondsLeft,
    open,
    close,
    check,
    retry,
    /** The sixth digit sends the code off. */
    onInput(): void {
      const digits = (input.current?.value ?? '').replace(/\D/g, '').slice(0, CODE_LENGTH);
      if (digits !== input.current?.value) setCode(digits);
      flow.clearError();
      checkWhenComplete();
    },
  };
}
