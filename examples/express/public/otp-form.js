import { checkOtp, readStatus, retryOtp, secondsToRetry } from '../../shared/public/api.js';
import { endsVerification, wordsFor, wordsForStatus } from '../../shared/public/errors.js';
import { forgetFlow, keepFlow, readKeptFlow } from '../../shared/public/kept-flow.js';
import { isWebKit, showCookieNote } from './cookie-note.js';
import { createCountdown } from './countdown.js';
import { clearError, element, runAlone, runBusy, say, setState, showError } from './page.js';

const LENGTH = 6;
const LIFE_MS = 10 * 60_000;

const input = element('code');
const verifyButton = element('verify');
const retryButton = element('retry');

/**
 * The code entry that both flows share. `recipientOf` names the recipient of a kept flow from its status; `useToken`
 * hands the signed token to the host's endpoint; `onDone` gets the token and what the host answered.
 */
export function createOtpForm({ flow, config, recipientOf, useToken, onDone }) {
  const countdown = createCountdown(retryButton, 'Send again');
  let verification;

  config.then(({ transport }) => {
    if (isWebKit && transport !== 'header') showCookieNote();
  });

  /** Begins with what a create has answered. */
  async function open({ recipient, challengeToken, answer }) {
    const { retryIntervalSeconds, transport } = await config;
    const kept = {
      flow,
      challengeToken,
      handle: transport === 'header' ? answer.handle : undefined,
    };
    keepFlow(kept);
    show(kept, recipient);
    say('Code sent.');
    countdown.start(answer.retryAfterSeconds ?? retryIntervalSeconds);
  }

  /** Goes on after a reload of the page, if a verification was under way and still is. */
  async function resume() {
    const kept = readKeptFlow(flow);
    if (kept === undefined) return;
    const answer = await runAlone(() => readStatus(kept.handle));
    if (!answer) return;
    if (!answer.ok && answer.code !== 'unauthorized') return showError(wordsFor('resume', answer));
    // It is over, or the cookie is that of another flow by now.
    if (answer.data?.flow !== flow) return forgetFlow();
    show(kept, await recipientOf(answer.data));
    verification.answered = true;
    say(wordsForStatus(answer.data));
    countdown.start(secondsToRetry(answer.data));
  }

  function show({ challengeToken, handle }, recipient) {
    verification = {
      challengeToken,
      handle,
      wrongCodes: new Set(),
      lastTried: '',
      openedAt: Date.now(),
      answered: false,
    };
    input.value = '';
    element('recipient').textContent = recipient;
    setState('code');
  }

  function close() {
    forgetFlow();
    countdown.stop();
    input.value = '';
    verification = undefined;
  }

  function end(words) {
    close();
    say('');
    setState('ended');
    showError(words);
  }

  async function check() {
    const code = input.value;
    const { challengeToken, handle, wrongCodes } = verification;
    if (code.length !== LENGTH) return showError(`Enter all ${LENGTH} digits of the code.`, input);
    // A verification keeps one code for its whole life, so a wrong one would only cost a try.
    if (wrongCodes.has(code)) return showError('This code was already tried.', input);

    const outcome = await runBusy(verifyButton, async () => {
      clearError();
      say('Checking the code…');
      input.readOnly = true;
      verification.lastTried = code;
      const body = challengeToken ? { code, challenge_token: challengeToken } : { code };
      const checked = await checkOtp(body, handle);
      if (!checked.ok) return { place: 'check', answer: checked };
      const token = checked.data.challenge_token;
      return { place: 'host', token, answer: await useToken(token) };
    });
    if (!outcome) return;
    input.readOnly = false;
    say('');
    if (outcome.answer.ok) {
      close();
      setState('done');
      onDone(outcome.token, outcome.answer.data);
    } else if (outcome.place === 'host') {
      end(wordsFor('host', outcome.answer));
    } else {
      if (outcome.answer.code === 'bad_check_code') wrongCodes.add(code);
      refuse('check', outcome.answer, verifyButton);
    }
  }

  async function retry() {
    const { handle } = verification;
    const outcome = await runBusy(retryButton, async () => {
      clearError();
      say('Sending the code again…');
      const answer = await retryOtp(handle);
      return { answer, status: answer.ok ? await readStatus(handle) : undefined };
    });
    if (!outcome) return;
    const { answer, status } = outcome;
    say('');
    if (!answer.ok) {
      if (answer.retryAfterSeconds) countdown.start(answer.retryAfterSeconds);
      return refuse('retry', answer, retryButton);
    }
    verification.answered = true;
    if (status.ok) countdown.start(secondsToRetry(status.data));
    say('Sent again. It is the same code: the first message to arrive will do.');
    input.focus();
    checkWhenComplete();
  }

  function refuse(place, answer, button) {
    const { answered, handle, openedAt } = verification;
    verification.answered = true;
    // A 401 to the very first call, well within the life: the cookie has never come back.
    const isFresh = Date.now() - openedAt < LIFE_MS - 30_000;
    if (answer.code === 'unauthorized' && !answered && isFresh && !handle) showCookieNote();

    const words = wordsFor(place, answer);
    if (endsVerification(answer)) return end(words);
    const isAboutCode = answer.code === 'bad_check_code' || answer.code === 'bad_request';
    if (place === 'check' && isAboutCode) return showError(words, input);
    showError(words);
    (button.disabled ? input : button).focus();
  }

  function checkWhenComplete() {
    if (input.value.length === LENGTH && input.value !== verification.lastTried) check();
  }

  input.addEventListener('input', () => {
    const digits = input.value.replace(/\D/g, '').slice(0, LENGTH);
    if (digits !== input.value) input.value = digits;
    clearError();
    checkWhenComplete();
  });
  element('code-form').addEventListener('submit', (event) => {
    event.preventDefault();
    check();
  });
  retryButton.addEventListener('click', retry);

  return { open, resume, close };
}
