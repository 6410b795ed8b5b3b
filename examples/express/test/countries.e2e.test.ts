import { eventually, useBrowser } from '@otp/example-shared/testing/visit';
import { describe, test } from 'vitest';
import { useDemo } from './demo.js';

describe('OTP_COUNTRIES', () => {
  const demo = useDemo({ OTP_COUNTRIES: 'US,GB' });
  const browser = useBrowser();

  test('the page says which numbers are served, and names one that is refused', async () => {
    const visit = await browser.open(demo);
    const hint = visit.page.locator('#countries');
    await eventually(() => hint.textContent()).toBe(
      'Numbers are served in United States and United Kingdom. Try +33 6 12 34 56 78 (France) to see one refused.',
    );
    const [, number = ''] = /Try (.+) \(/.exec((await hint.textContent()) ?? '') ?? [];
    await visit.page.getByLabel('Mobile number or e-mail address').fill(number);
    await visit.button('Send the code').click();
    await eventually(() => visit.page.getByRole('alert').textContent()).not.toBe('');
  });
});
