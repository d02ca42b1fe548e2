import type { Metadata } from 'next';
import { guardPage } from '../../../auth/guardPage.ts';
import { PageFrame } from '../../PageFrame.tsx';
import { HelpdeskList } from './HelpdeskList.tsx';

export const metadata: Metadata = { title: 'Helpdesks' };

export default async function Page() {
  return (
    <PageFrame person={await guardPage('/admin/helpdesks')}>
      <HelpdeskList />
    </PageFrame>
  );
}
