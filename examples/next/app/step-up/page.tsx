import { demoConfig } from '@otp/example-shared';
import type { Metadata } from 'next';
import { connection } from 'next/server';
import { Header, InboxLink } from '../../components/header';
import { StepUp } from '../../components/step-up';
import type { Step } from '../../components/steps';
import { getDemo } from '../../lib/demo';

export const metadata: Metadata = { title: 'Confirm it is you' };

const STEPS: readonly Step[] = [
  {
    state: 'start',
    title: 'The host asks for proof',
    text: (
      <>
        It signs a challenge token for this user, this session and <code>transfer:create</code>.
      </>
    ),
    call: 'POST /dev/challenge',
  },
  {
    state: 'code',
    title: 'A code answers it',
    text: 'The code goes to a recipient that the host knows, never to one that the page names.',
    call: 'POST /v1/session/otp, then …/check',
  },
  {
    state: 'done',
    title: 'The host acts',
    text: 'The completed token allows this one transfer, exactly once.',
    call: 'POST /demo/transfer',
  },
];

export default async function Page() {
  await connection();
  return (
    <>
      <Header current="/step-up" skipTo="form" />
      <StepUp config={demoConfig(getDemo())} intro={<Intro />} steps={STEPS} />
    </>
  );
}

function Intro() {
  return (
    <>
      <p className="eyebrow">Step-up verification</p>
      <h1>Confirm that it is still you</h1>
      <p className="lede">
        <strong>What is this?</strong> Somebody who is already signed in proves it once more before
        something sensitive. Unless real senders are configured, the code arrives in the{' '}
        <InboxLink>dev inbox</InboxLink>.
      </p>
    </>
  );
}
