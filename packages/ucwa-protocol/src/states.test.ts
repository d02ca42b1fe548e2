import { expect, it } from 'vitest';
import { messagesPass } from './states.ts';

it('lets messages pass only when the filter is Disabled', () => {
  expect(messagesPass('Disabled')).toBe(true);
  expect(messagesPass('Enabled')).toBe(false);
  expect(messagesPass(undefined)).toBe(false);
});
