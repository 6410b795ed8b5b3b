import { email, phone, wrongCode } from './client.js';
import type { Visit } from './visit.js';

type Reach = (visit: Visit) => Promise<void>;

/** As long as an address can be (RFC 5321): what does not wrap sticks out. */
const LONG_EMAIL = `${'long-'.repeat(12)}name@${'a-long-label-'.repeat(4)}for.a-domain.example.com`;

/** With these, every state can be reached, as often as it takes. */
export const STATE_SETTINGS = {
  OTP_LIMITS: 'off',
  OTP_BLOCKED: '+33612345678',
  OTP_FAIL: 'down@example.com',
};

async function requestCode(visit: Visit, to: string): Promise<string> {
  await visit.requestCode(to);
  await visit.heading('Enter the code');
  return visit.readCode(to);
}

async function confirm(visit: Visit): Promise<string> {
  await visit.confirmTransfer('E-mail');
  await visit.heading('Enter the code');
  return visit.readCode('ada@example.com');
}

async function useUpTries(visit: Visit, code: string): Promise<void> {
  for (const [index, left] of ['4 tries', '3 tries', '2 tries', '1 try'].entries()) {
    await visit.enterCode(wrongCode(code, index + 1));
    await visit.expectAlert(`${left} left`);
  }
  await visit.enterCode(wrongCode(code, 5));
}

const STANDALONE: Readonly<Record<string, Reach>> = {
  start: async () => {},
  'start-invalid': async (visit) => {
    await visit.requestCode('2025550123');
    await visit.expectAlert(/country code/);
  },
  'start-blocked': async (visit) => {
    await visit.requestCode('+33612345678');
    await visit.expectAlert(/cannot be used/);
  },
  'start-failed': async (visit) => {
    await visit.requestCode('down@example.com');
    await visit.expectAlert(/could not be sent/);
  },
  code: async (visit) => {
    await requestCode(visit, '+12025550123');
  },
  'code-after-reload': async (visit) => {
    await requestCode(visit, '+12025550123');
    await visit.page.reload();
    await visit.heading('Enter the code');
  },
  'code-long-recipient': async (visit) => {
    await requestCode(visit, LONG_EMAIL);
  },
  'code-wrong': async (visit) => {
    await visit.enterCode(wrongCode(await requestCode(visit, '+12025550123')));
    await visit.expectAlert(/4 tries left/);
  },
  ended: async (visit) => {
    await useUpTries(visit, await requestCode(visit, '+12025550123'));
    await visit.heading('Not verified');
  },
  'ended-without-cookie': async (visit) => {
    const code = await requestCode(visit, '+12025550123');
    await visit.context.clearCookies();
    await visit.enterCode(code);
    await visit.heading('Not verified');
  },
  done: async (visit) => {
    await visit.enterCode(await requestCode(visit, '+12025550123'));
    await visit.heading('Verified');
  },
  'done-long-recipient': async (visit) => {
    await visit.enterCode(await requestCode(visit, LONG_EMAIL));
    await visit.heading('Verified');
  },
};

const STEP_UP: Readonly<Record<string, Reach>> = {
  start: async () => {},
  code: async (visit) => {
    await confirm(visit);
  },
  'code-wrong': async (visit) => {
    await visit.enterCode(wrongCode(await confirm(visit)));
    await visit.expectAlert(/4 tries left/);
  },
  ended: async (visit) => {
    await useUpTries(visit, await confirm(visit));
    await visit.heading('Nothing was transferred');
  },
  done: async (visit) => {
    await visit.enterCode(await confirm(visit));
    await visit.heading('Transfer confirmed');
  },
};

const EMPTY_INBOX: Readonly<Record<string, Reach>> = {
  empty: async (visit) => {
    await visit.page.getByText('No messages yet.').waitFor();
  },
};

const INBOX: Readonly<Record<string, Reach>> = {
  messages: async (visit) => {
    await visit.client.create(phone('+12025550123'));
    await visit.client.create(email(LONG_EMAIL));
    await visit.page.getByRole('listitem').nth(1).waitFor();
  },
  filtered: async (visit) => {
    await visit.client.create(phone('+12025550123'));
    await visit.page.getByLabel('Show only messages to').fill('nobody');
    await visit.page.getByText('No message to this recipient yet.').waitFor();
  },
};

export interface PageState {
  readonly name: string;
  readonly path: string;
  readonly reach: Reach;
}

function statesOf(page: string, path: string, states: Readonly<Record<string, Reach>>) {
  return Object.entries(states).map(([name, reach]) => ({ name: `${page}-${name}`, path, reach }));
}

/** Every page in every state that a person can bring it to; the empty inbox before anything is sent. */
export const STATES: readonly PageState[] = [
  ...statesOf('inbox', '/dev/inbox', EMPTY_INBOX),
  ...statesOf('standalone', '/', STANDALONE),
  ...statesOf('step-up', '/step-up', STEP_UP),
  ...statesOf('inbox', '/dev/inbox', INBOX),
];
