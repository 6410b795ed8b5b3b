import icon from '@otp/example-shared/public/icon.svg';
import Link from 'next/link';

const PAGES = [
  { href: '/', name: 'Standalone' },
  { href: '/step-up', name: 'Step-up' },
] as const;

interface HeaderProps {
  readonly current: '/' | '/step-up' | '/dev/inbox';
  /** Where the skip link leads. */
  readonly skipTo: string;
}

export function Header({ current, skipTo }: HeaderProps) {
  const currentOf = (href: string) => (href === current ? 'page' : undefined);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the {skipTo}
      </a>
      <header className="bar">
        <Link className="brand" href="/">
          <img src={icon.src} alt="" width="28" height="28" />
          <span>OTP demo</span>
        </Link>
        <nav aria-label="Demo pages">
          {PAGES.map(({ href, name }) => (
            <Link key={href} href={href} aria-current={currentOf(href)}>
              {name}
            </Link>
          ))}
          {current === '/dev/inbox' ? (
            <a href="/dev/inbox" aria-current="page">
              Inbox
            </a>
          ) : (
            <InboxLink>
              Inbox<span aria-hidden="true"> ↗</span>
            </InboxLink>
          )}
        </nav>
      </header>
    </>
  );
}

/** Not a `Link`: it opens another tab, and the same URL is JSON for programs. */
export function InboxLink({ children }: { readonly children: React.ReactNode }) {
  return (
    <a href="/dev/inbox" target="otp-inbox">
      {children}
      <span className="visually-hidden"> (opens in a new tab)</span>
    </a>
  );
}
