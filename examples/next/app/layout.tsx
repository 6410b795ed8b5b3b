import icon from '@otp/example-shared/public/icon.svg';
import '@otp/example-shared/public/style.css';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';

export const metadata: Metadata = {
  title: { template: '%s · OTP demo', default: 'OTP demo' },
  icons: { icon: { url: icon.src, type: 'image/svg+xml' } },
  referrer: 'no-referrer',
};

export const viewport: Viewport = { colorScheme: 'light dark' };

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
