import { wrongCode } from '@otp/example-shared/testing/client';
import { eventually, useProfile, type Visit } from '@otp/example-shared/testing/visit';
import { describe, expect, test } from 'vitest';
import { type TwoSites, useTwoSites } from './two-sites.js';

const NAME = '__verification-login_demo';
const COOKIE = expect.stringMatching(new RegExp(`^${NAME}=[\\w-]{43}$`));
const HANDLE = expect.stringMatching(/^[\w-]{43}$/);
const NONE = { cookie: undefined, handle: undefined };

const CREATE = 'POST /v1/session/otp';
const STATUS = 'GET /v1/session/otp/status';
const CHECK = 'POST /v1/session/otp/check';

type Browser = ReturnType<typeof useProfile>;

function openPage(browser: Browser, { demo, pageUrl, calls }: TwoSites, path: string) {
  calls.length = 0;
  return browser.open(demo, { path: pageUrl + path });
}

async function reload(visit: Visit, tries: string): Promise<void> {
  await visit.page.reload();
  await visit.heading('Enter the code');
  await eventually(() => visit.status.textContent()).toContain(tries);
}

describe('a SameSite=None cookie', () => {
  const sites = useTwoSites({ OTP_SAME_SITE: 'none' });
  const allowing = useProfile('allowed');
  const blocking = useProfile('blocked');

  test('is sent to the API of another site where the browser allows third-party cookies', async () => {
    const visit = await openPage(allowing, sites, '/');
    await visit.requestCode('allowed@example.com');
    await visit.heading('Enter the code');
    await visit.enterCode(await visit.readCode('allowed@example.com'));
    await visit.heading('Verified');
    expect(sites.calls).toEqual([
      { ...NONE, call: CREATE },
      { ...NONE, call: CHECK, cookie: COOKIE },
    ]);
  });

  test('is not sent where it blocks them, so that no code can be checked', async () => {
    const visit = await openPage(blocking, sites, '/');
    await visit.requestCode('blocked@example.com');
    await visit.heading('Enter the code');
    await visit.enterCode(await visit.readCode('blocked@example.com'));
    await visit.heading('Not verified');
    expect(sites.calls).toEqual([
      { ...NONE, call: CREATE },
      { ...NONE, call: CHECK },
    ]);
  });
});

describe.each([
  ['transport: header', { OTP_TRANSPORT: 'header' }, { ...NONE, handle: HANDLE }],
  ['a partitioned cookie', { OTP_SAME_SITE: 'partitioned' }, { ...NONE, cookie: COOKIE }],
])('%s, with third-party cookies blocked', (_, settings, carried) => {
  const sites = useTwoSites(settings);
  const browser = useProfile('blocked');

  test('the standalone flow passes, and goes on after a reload [K08]', async () => {
    const visit = await openPage(browser, sites, '/');
    await visit.requestCode('grace@example.com');
    await visit.heading('Enter the code');
    await reload(visit, '5 tries left');
    expect(await visit.page.locator('#recipient').textContent()).toBe('g•••@e•••.com');
    await visit.enterCode(await visit.readCode('grace@example.com'));
    await visit.heading('Verified');
    expect(sites.calls).toEqual([
      { ...NONE, call: CREATE },
      { ...carried, call: STATUS },
      { ...carried, call: CHECK },
    ]);
  });

  test('the step-up flow passes, and goes on after a retry, a wrong code and a reload [K08]', async () => {
    const visit = await openPage(browser, sites, '/step-up');
    await visit.confirmTransfer('Text message');
    await visit.heading('Enter the code');
    const code = await visit.readCode('+12025550123');
    await visit.button('Send again').click();
    await visit.page.getByText('Sent again.').waitFor();
    await visit.enterCode(wrongCode(code));
    await visit.expectAlert('That code is not right. 4 tries left.');
    await reload(visit, '4 tries left');
    await visit.enterCode(code);
    await visit.heading('Transfer confirmed');
    expect(sites.calls.map(({ call }) => call)).toEqual([
      CREATE,
      'POST /v1/session/otp/retry',
      STATUS,
      CHECK,
      STATUS,
      CHECK,
    ]);
    expect(sites.calls.slice(1)).toEqual(
      sites.calls.slice(1).map(({ call }) => ({ ...carried, call })),
    );
  });
});
