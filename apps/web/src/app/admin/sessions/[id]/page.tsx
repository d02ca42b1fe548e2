import type { Metadata } from 'next';
import { guardPage } from '../../../../auth/guardPage.ts';
import { PageFrame } from '../../../PageFrame.tsx';
import { SessionPage } from './SessionPage.tsx';

export const metadata: Metadata = { title: 'Session' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const person = await guardPage('/admin/sessions');
  const { id } = await params;
  return (
    <PageFrame person={person}>
      <SessionPage id={id} />
    </PageFrame>
  );
}
