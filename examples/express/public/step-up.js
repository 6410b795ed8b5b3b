import { createChallenge, createOtp, makeTransfer, readConfig } from '../../shared/public/api.js';
import { wordsFor } from '../../shared/public/errors.js';
import { describeProof } from '../../shared/public/proof.js';
import { createOtpForm } from './otp-form.js';
import { clearError, element, onRestart, runBusy, say, showError } from './page.js';
import { clearResult, showResult } from './result.js';

const form = element('start-form');
const confirmButton = element('confirm');
const config = readConfig();

/** The page knows it, so that the status need not tell. */
async function recipientOf({ channel }) {
  const { user } = await config;
  return channel === 'email' ? (user?.email ?? 'your address') : (user?.phone ?? 'your phone');
}

const otpForm = createOtpForm({
  flow: 'step-up',
  config,
  recipientOf,
  useToken: makeTransfer,
  onDone(token, answer) {
    element('summary').textContent =
      `€250.00 is on its way to Grace Example, confirmed ${describeProof(answer)}.`;
    showResult(token, answer);
  },
});

async function start(step) {
  const challenge = await createChallenge(step);
  if (!challenge.ok) return { place: 'challenge', answer: challenge };
  const challengeToken = challenge.data.challenge_token;
  const answer = await createOtp({ challenge_token: challengeToken });
  await config;
  return { place: 'stepUp', answer, challengeToken };
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const step = element('step-sms').checked ? 'verify_sms' : 'verify_email';
  const outcome = await runBusy(confirmButton, () => {
    clearError();
    say('Sending a code…');
    return start(step);
  });
  if (!outcome) return;
  say('');
  const { place, answer, challengeToken } = outcome;
  if (!answer.ok) {
    showError(wordsFor(place, answer));
    return confirmButton.focus();
  }
  const recipient = await recipientOf({ channel: step === 'verify_email' ? 'email' : 'sms' });
  otpForm.open({ recipient, challengeToken, answer });
});

form.addEventListener('change', clearError);

onRestart(() => {
  otpForm.close();
  clearResult();
});

const { user } = await config;
if (user) {
  element('user-name').textContent = user.name;
  element('user-phone').textContent = `to ${user.phone}`;
  element('user-email').textContent = `to ${user.email}`;
}

await otpForm.resume();
