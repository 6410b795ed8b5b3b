import { demoConfig } from '@otp/example-shared';
import type { Metadata } from 'next';
import { connection } from 'next/server';
import { Header, InboxLink } from '../components/header';
import { Standalone } from '../components/standalone';
import type { Step } from '../components/steps';
import { getDemo } from '../lib/demo';

// The layout's template is for the segments below it.
export const metadata: Metadata = { title: { absolute: 'Prove it is yours · OTP demo' } };

const STEPS: readonly Step[] = [
  {
    state: 'start',
    title: 'Ask for a code',
    text: 'The library seals a code, sends it, and gives this browser a cookie.',
    call: 'POST /v1/session/otp',
  },
  {
    state: 'code',
    title: 'Type it',
    text: 'Code and cookie together earn a signed token. Five tries, ten minutes.',
    call: 'POST /v1/session/otp/check',
  },
  {
    state: 'done',
    title: 'Use the result',
    text: 'The host’s own endpoint takes the token, exactly once.',
    call: 'POST /demo/session',
  },
];

export default async function Page() {
  // The settings are read when somebody asks, not when the app is built.
  await connection();
  return (
    <>
      <Header current="/" skipTo="form" />
      <Standalone config={demoConfig(getDemo())} intro={<Intro />} steps={STEPS} />
    </>
  );
}

function Intro() {
  return (
    <>
      <p className="eyebrow">Standalone verification</p>
      <h1>Prove that a number or an address is yours</h1>
      <p className="lede">
        <strong>What is this?</strong> A demo of a one-time-passcode library, running inside this
        Next.js app. Unless real senders are configured, no message leaves this machine: read your
        code in the <InboxLink>dev inbox</InboxLink>.
      </p>
    </>
  );
}
