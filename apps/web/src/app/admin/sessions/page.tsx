import type { Metadata } from 'next';
import { guardPage } from '../../../auth/guardPage.ts';
import { PageFrame } from '../../PageFrame.tsx';
import { SessionList } from './SessionList.tsx';

export const metadata: Metadata = { title: 'Sessions' };

export default async function Page() {
  return (
    <PageFrame person={await guardPage('/admin/sessions')}>
      <SessionList />
    </PageFrame>
  );
}
