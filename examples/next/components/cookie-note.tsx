'use client';

import { useEffect, useState } from 'react';

/** WebKit drops `Secure` cookies on http://localhost, where Chrome and Firefox keep them. */
export function CookieNote({ isAsked }: { readonly isAsked: boolean }) {
  const [{ isWebKit, isHttp }, setBrowser] = useState({ isWebKit: false, isHttp: false });
  useEffect(() => {
    const { userAgent } = navigator;
    setBrowser({
      isWebKit: /Safari\//.test(userAgent) && !/Chrom(e|ium)\//.test(userAgent),
      isHttp: location.protocol === 'http:',
    });
  }, []);
  return (
    <aside
      id="cookie-note"
      className="note"
      aria-label="About this browser"
      hidden={!isHttp || !(isAsked || isWebKit)}
    >
      <strong>This browser may not keep the cookie that the code needs.</strong> It is marked{' '}
      <code>Secure</code>, and Safari drops such cookies on <code>http://localhost</code>. Open this
      page in Chrome or Firefox, or serve it over https.
    </aside>
  );
}
