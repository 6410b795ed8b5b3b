import { checkOtp, retryOtp } from '../../shared/public/api.js';
import { endsVerification, wordsFor } from '../../shared/public/errors.js';
import { showCookieNote } from './cookie-note.js';
import { createCountdown } from './countdown.js';
import { clearError, element, runBusy, say, setState, showError } from './page.js';

const LENGTH = 6;
const LIFE_MS = 10 * 60_000;

const input = element('code');
const verifyButton = element('verify');
const retryButton = element('retry');

/**
 * The code entry that both flows share. `useToken` hands the signed token to the host's endpoint;
 * `onDone` gets the token and what the host answered.
 */
export function createOtpForm({ config, useToken, onDone }) {
  const countdown = createCountdown(retryButton, 'Send again');
  let verification;

  async function open({ recipient, challengeToken, retryAfterSeconds }) {
    const { retryIntervalSeconds } = await config;
    verification = {
      challengeToken,
      retryIntervalSeconds,
      retries: 0,
      wrongCodes: new Set(),
      lastTried: '',
      openedAt: Date.now(),
      answered: false,
    };
    input.value = '';
    element('recipient').textContent = recipient;
    setState('code');
    say('Code sent.');
    countdown.start(retryAfterSeconds ?? retryIntervalSeconds);
  }

  function close() {
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
    const { challengeToken, wrongCodes } = verification;
    if (code.length !== LENGTH) return showError(`Enter all ${LENGTH} digits of the code.`, input);
    // A verification keeps one code for its whole life, so a wrong one would only cost a try.
    if (wrongCodes.has(code)) return showError('This code was already tried.', input);

    const outcome = await runBusy(verifyButton, async () => {
      clearError();
      say('Checking the code…');
      input.readOnly = true;
      verification.lastTried = code;
      const body = challengeToken ? { code, challenge_token: challengeToken } : { code };
      const checked = await checkOtp(body);
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
    const answer = await runBusy(retryButton, () => {
      clearError();
      say('Sending the code again…');
      return retryOtp();
    });
    if (!answer) return;
    say('');
    if (!answer.ok) {
      if (answer.retryAfterSeconds) countdown.start(answer.retryAfterSeconds);
      return refuse('retry', answer, retryButton);
    }
    verification.retries += 1;
    verification.answered = true;
    const wait = verification.retryIntervalSeconds * 2 ** verification.retries;
    countdown.start(answer.retryAfterSeconds ?? wait);
    say('Sent again. It is the same code: the first message to arrive will do.');
    input.focus();
    checkWhenComplete();
  }

  function refuse(place, answer, button) {
    const { answered, openedAt } = verification;
    verification.answered = true;
    // A 401 to the very first call, well within the life: the cookie has never come back.
    const isFresh = Date.now() - openedAt < LIFE_MS - 30_000;
    if (answer.code === 'unauthorized' && !answered && isFresh) showCookieNote();

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

  return { open, close };
}
