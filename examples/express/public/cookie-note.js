import { element } from './page.js';

// WebKit drops `Secure` cookies on http://localhost, where Chrome and Firefox keep them.
export const isWebKit =
  /Safari\//.test(navigator.userAgent) && !/Chrom(e|ium)\//.test(navigator.userAgent);

export function showCookieNote() {
  if (location.protocol === 'http:') element('cookie-note').hidden = false;
}
