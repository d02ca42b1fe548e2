import { limits } from '@repo/ucwa-protocol/limits';
import { describe, expect, test } from 'vitest';
import { isExternal, operationIdOf } from './commands.ts';

describe('operationIdOf', () => {
  test('names session, command and number', () => {
    const id = operationIdOf('hds_0123456789abcdef', { name: 'acceptAndBridge', n: 2 });
    expect(id).toBe('hds_0123456789abcdef:acceptAndBridge:2');
  });

  test('the longest command name leaves room for four digits', () => {
    const id = operationIdOf('hds_0123456789abcdef', { name: 'removeBridgedParticipant', n: 9999 });
    expect(id.length).toBeLessThanOrEqual(limits.operationId);
  });

  test('refuses what the wire would refuse', () => {
    const sessionId = 'x'.repeat(40);
    expect(() => operationIdOf(sessionId, { name: 'acceptAndBridge', n: 1 })).toThrow(RangeError);
  });
});

test('isExternal tells HTTP requests from what is done in the transaction', () => {
  expect(isExternal({ name: 'addMessaging', n: 1, href: 'https://pool1.api.example/x' })).toBe(true);
  expect(isExternal({ name: 'cancelTimer', timer: 'ringTimeout' })).toBe(false);
});
