import type { Metadata } from 'next';
import { guardPage } from '../../../auth/guardPage.ts';
import { PageFrame } from '../../PageFrame.tsx';
import { PeopleList } from './PeopleList.tsx';

export const metadata: Metadata = { title: 'People' };

export default async function Page() {
  return (
    <PageFrame person={await guardPage('/admin/people')}>
      <PeopleList />
    </PageFrame>
  );
}
