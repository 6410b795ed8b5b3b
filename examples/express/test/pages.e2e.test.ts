import { join } from 'node:path';
import { STATE_SETTINGS, STATES } from '@otp/example-shared/testing/states';
import { eventually, useBrowser, type Visit } from '@otp/example-shared/testing/visit';
import { describe, expect, test } from 'vitest';
import { useDemo } from './demo.js';

/** A phone, a laptop, and the width at which nothing may need scrolling in two directions (WCAG 1.4.10). */
const WIDTHS = [390, 1280, 320];

/** A folder, set by screenshots.mjs. */
const { SCREENSHOTS } = process.env;

const demo = useDemo(STATE_SETTINGS);
const browser = useBrowser();

async function assertFits({ page }: Visit): Promise<void> {
  const sticksOut = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    return { by: scrollWidth - clientWidth, bodyBy: document.body.scrollWidth - clientWidth };
  });
  expect(sticksOut, `at ${page.viewportSize()?.width} px`).toEqual({ by: 0, bodyBy: 0 });
}

/** What a screen reader goes by, as a list of what is wrong. */
function findFaults(): string[] {
  const faults: string[] = [];
  const all = <E extends Element = HTMLElement>(selector: string) => [
    ...document.querySelectorAll<E>(selector),
  ];
  const check = (ok: boolean, words: string) => ok || faults.push(words);

  check(document.documentElement.lang === 'en', 'the page names no language');
  check(/\S · OTP demo$/.test(document.title), 'the page has no title of its own');
  check(all('main').length === 1, 'there is not one main');
  check(all('h1').length === 1, 'there is not one h1');
  const levels = all('h1, h2, h3').map((each) => Number(each.tagName[1]));
  check(levels[0] === 1, 'the first heading is no h1');
  check(
    levels.every((level, index) => index === 0 || level <= Number(levels[index - 1]) + 1),
    'a level of headings is left out',
  );
  for (const input of all<HTMLInputElement>('input')) {
    const text = [...(input.labels ?? [])].map((label) => label.textContent).join('');
    check(text.trim() !== '', `#${input.id} has no label`);
  }
  for (const each of all('button, a')) {
    const name = each.getAttribute('aria-label') ?? each.textContent ?? '';
    check(name.trim() !== '', `${each.outerHTML} has no name`);
  }
  for (const image of all('img')) check(image.hasAttribute('alt'), `${image.outerHTML} has no alt`);
  const ids = all('[id]').map(({ id }) => id);
  check(new Set(ids).size === ids.length, 'an id is there twice');
  for (const each of all('[aria-describedby], [aria-labelledby]')) {
    for (const name of ['aria-describedby', 'aria-labelledby']) {
      const targets = each.getAttribute(name)?.split(' ') ?? [];
      for (const id of targets) check(ids.includes(id), `${name} names #${id}, which is not there`);
    }
  }
  check(all('[role=status]').length === 1, 'there is not one role=status');
  check(all('[role=alert]').length === 1, 'there is not one role=alert');
  for (const region of all('[role=status], [role=alert]')) {
    const hidden = region.closest('[hidden], [aria-hidden=true]') !== null;
    check(!hidden || region.textContent === '', `what role=${region.role} says is hidden`);
  }
  return faults;
}

test.each(STATES)('$name fits every width and can be read out', async ({ name, path, reach }) => {
  const visit = await browser.open(demo, { path });
  const { page } = visit;
  await reach(visit);
  expect(await page.evaluate(findFaults)).toEqual([]);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await assertFits(visit);
    if (SCREENSHOTS === undefined) continue;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const file = `${name}-${width}-${colorScheme}.png`;
      await page.screenshot({ path: join(SCREENSHOTS, file), fullPage: true });
    }
  }
});

describe('live regions', () => {
  test('announce what happens, from the first request to the last answer', async () => {
    const visit = await browser.open(demo);
    await visit.page.evaluate(() => {
      const spoken: string[] = [];
      Object.assign(window, { spoken });
      for (const region of document.querySelectorAll('[role=status], [role=alert]')) {
        new MutationObserver(() => {
          const { textContent: text, role } = region;
          if (text) spoken.push(`${role}: ${text}`);
        }).observe(region, { childList: true, characterData: true, subtree: true });
      }
    });
    await visit.requestCode('+12025550147');
    await visit.heading('Enter the code');
    await visit.enterCode('12');
    await visit.button('Verify').click();
    await visit.expectAlert(/Enter all 6 digits/);
    await visit.enterCode(await visit.readCode('+12025550147'));
    await visit.heading('Verified');
    const spoken = await visit.page.evaluate(() => (window as unknown as Listened).spoken);
    expect(spoken).toEqual([
      'status: Sending a code…',
      'status: Code sent.',
      'alert: Enter all 6 digits of the code.',
      'status: Checking the code…',
    ]);
  });
});

interface Listened {
  spoken: string[];
}

describe('the keyboard alone', () => {
  /** Tab, until the focus is where it should be; a person would not look for it any longer. */
  async function tabTo(visit: Visit, target: string): Promise<void> {
    for (let count = 0; count < 12; count += 1) {
      await visit.page.keyboard.press('Tab');
      if (await visit.page.evaluate((id) => document.activeElement?.id === id, target)) return;
    }
    throw new Error(`The Tab key does not lead to #${target}.`);
  }

  test('goes through the standalone flow and back to its start', async () => {
    const visit = await browser.open(demo);
    const { keyboard } = visit.page;
    await keyboard.press('Tab');
    await visit.expectFocus(visit.page.getByRole('link', { name: 'Skip to the form' }));
    await keyboard.press('Enter');
    await tabTo(visit, 'identifier');
    await keyboard.type('+12025550148');
    await keyboard.press('Enter');
    await visit.heading('Enter the code');
    await visit.expectFocus(visit.code);

    await keyboard.type('00000');
    await keyboard.press('Enter');
    await visit.expectAlert(/Enter all 6 digits/);
    // The wrong text is selected: typing replaces it.
    await keyboard.type(await visit.readCode('+12025550148'));
    await visit.heading('Verified');
    await visit.expectFocus(visit.page.getByRole('heading', { name: 'Verified' }));
    await tabTo(visit, 'restart');
    await keyboard.press('Enter');
    await visit.expectFocus(visit.identifier);
  });

  test('goes through the step-up flow', async () => {
    const visit = await browser.open(demo, { path: '/step-up' });
    const { keyboard } = visit.page;
    await tabTo(visit, 'step-sms');
    await keyboard.press('ArrowDown');
    await visit.expectFocus(visit.page.getByRole('radio', { name: 'E-mail' }));
    await tabTo(visit, 'confirm');
    await keyboard.press('Enter');
    await visit.heading('Enter the code');
    await visit.expectFocus(visit.code);
    await keyboard.type(await visit.readCode('ada@example.com'));
    await visit.heading('Transfer confirmed');
  });

  test('shows where it is', async () => {
    const visit = await browser.open(demo);
    for (let count = 0; count < 8; count += 1) {
      await visit.page.keyboard.press('Tab');
      await eventually(() =>
        visit.page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(
            document.activeElement as Element,
          );
          return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
        }),
      ).toBe(true);
    }
  });
});
