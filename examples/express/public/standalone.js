import { createOtp, readConfig, startSession } from '../../shared/public/api.js';
import { explainCountries } from '../../shared/public/countries.js';
import { wordsFor } from '../../shared/public/errors.js';
import { parseIdentifier } from '../../shared/public/identifier.js';
import { describeProof } from '../../shared/public/proof.js';
import { createOtpForm } from './otp-form.js';
import { clearError, element, onRestart, runBusy, say, showError } from './page.js';
import { clearResult, showResult } from './result.js';

const input = element('identifier');
const send = element('send');

const config = readConfig();

const failOver = element('fail-over');

config.then(({ countries, hasInbox }) => {
  failOver.hidden = !hasInbox;
  const hint = element('countries');
  hint.hidden = !Array.isArray(countries);
  if (!hint.hidden) hint.textContent = explainCountries(countries);
});

const otpForm = createOtpForm({
  flow: 'standalone',
  config,
  recipientOf: (status) => status.recipient_hint,
  useToken: startSession,
  onDone(token, answer) {
    const who = document.createElement('strong');
    who.textContent = answer.identifier.value;
    element('summary').replaceChildren(who, ` was proven ${describeProof(answer)}.`);
    showResult(token, answer);
  },
});

element('start-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const parsed = parseIdentifier(input.value);
  if (!parsed.ok) return showError(parsed.words, input);

  const { identifier } = parsed;
  const answer = await runBusy(send, async () => {
    clearError();
    say('Sending a code…');
    const created = await createOtp(
      failOver.control.checked ? { identifier, dispatch_id: 'demo-fail-over' } : { identifier },
    );
    await config;
    return created;
  });
  if (!answer) return;
  say('');
  if (answer.ok) return otpForm.open({ recipient: identifier.value, answer });
  const isBlocked = answer.code === 'auth_blocked' && !answer.retryAfterSeconds;
  const isAboutField = answer.code === 'bad_request' || isBlocked;
  showError(wordsFor('create', answer), isAboutField ? input : undefined);
  if (!isAboutField) send.focus();
});

input.addEventListener('input', clearError);

onRestart(() => {
  otpForm.close();
  clearResult();
});

await otpForm.resume();
