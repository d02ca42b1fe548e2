import { expect, it } from 'vitest';
import { SaidText } from './SaidText.tsx';

it('is not drawn again for the same text, as the pages around it are every second', () => {
  expect(SaidText).toMatchObject({ $$typeof: Symbol.for('react.memo'), compare: null });
});
