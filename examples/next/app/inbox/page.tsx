import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { notFound } from 'next/navigation';
import { Header } from '../../components/header';
import { Inbox } from '../../components/inbox';
import { getDemo } from '../../lib/demo';
import { isLocal } from '../../lib/local';

export const metadata: Metadata = { title: 'Dev inbox' };

/** What `/dev/inbox` shows to people; next.config.ts leads them here. */
export default async function Page() {
  const fields = await headers();
  const demo = getDemo();
  if (!isLocal(fields, demo)) notFound();
  return (
    <>
      <Header current="/dev/inbox" skipTo="messages" />
      <Inbox sent={demo.inbox.listWhole()} />
    </>
  );
}
