import type { Metadata } from 'next';
import { guardPage } from '../../auth/guardPage.ts';
import { DeskPage } from './DeskPage.tsx';

export const metadata: Metadata = { title: 'Desk' };

export default async function Page() {
  return <DeskPage person={await guardPage('/desk')} />;
}
