/** One message, one time stamp, one order on every screen that may show it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ann, bob, bridgeVisitor, callInAgent, createModelWorld, sa, signInPerson } from '../testing/modelWorld.ts';
import { addBridgedParticipant } from './bridgedParticipants.ts';
import { sendMessage } from './message.ts';
import { asPlainText } from './plainText.ts';

describe('sendMessage', () => {
  test('identity and order are the same on every view, whoever speaks and however the clock runs', async () => {
    const step = fc.record({ who: fc.integer({ min: 0, max: 4 }), ms: fc.integer({ min: -3, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const model = await createModelWorld();
        const chat = await bridgeVisitor(model);
        const agents = [await signInPerson(model, ann), await signInPerson(model, bob)] as const;
        const views = [await callInAgent(model, chat, agents[0]), await callInAgent(model, chat, agents[1])] as const;
        await model.act((world) =>
          addBridgedParticipant(world, sa.owner, chat.c1, {
            displayName: 'A',
            participantUri: ann,
            messageFilterState: 'Disabled',
          }),
        );
        const speakers = [
          [chat.visitor.caller.owner, chat.cc],
          [sa.owner, chat.c1],
          [sa.owner, chat.c2],
          [agents[0].caller.owner, views[0]],
          [agents[1].caller.owner, views[1]],
        ] as const;
        const channels = [chat.visitor, agents[0], agents[1]].map(({ channelId }) => channelId);
        for (const id of [...channels, chat.c1Channel, chat.c2Channel]) model.told(id);
        for (const [index, { who, ms }] of steps.entries()) {
          model.now += ms;
          const [owner, id] = speakers[who] ?? speakers[0];
          await model.act((world) =>
            sendMessage(world, owner, id, { contentType: 'text/plain', text: `${who}:${index}` }),
          );
        }
        const stampOf = new Map<string, string>();
        for (const id of [...channels, chat.c2Channel]) {
          const stamps: number[] = [];
          const numbers: number[] = [];
          for (const { link, _embedded } of model.told(id).filter((event) => event.link.rel.endsWith('message'))) {
            const message = _embedded?.[link.rel];
            const stamp = String(message?.timeStamp);
            stamps.push(Number(stamp.replace(/\D/g, '')));
            numbers.push(Number(/messages\/(\d+)/.exec(link.href)?.[1]));
            const plain = message?._links?.plainMessage;
            if (plain === undefined || !('href' in plain)) continue;
            expect(stampOf.get(plain.href) ?? stamp).toBe(stamp);
            stampOf.set(plain.href, stamp);
          }
          expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
          expect(numbers).toEqual(numbers.map((_, index) => index + 2));
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('not before messaging is connected, and html only where it was agreed', async () => {
    const model = await createModelWorld();
    const chat = await bridgeVisitor(model);
    const html = { contentType: 'text/html' as const, text: '<b>x</b>' };
    await expect(
      model.act((world) => sendMessage(world, chat.visitor.caller.owner, chat.cc, html)),
    ).rejects.toMatchObject({ status: 415 });
    await expect(model.act((world) => sendMessage(world, sa.owner, chat.cc, html))).rejects.toMatchObject({
      status: 404,
    });
    model.told(chat.visitor.channelId);
    await model.act((world) => sendMessage(world, sa.owner, chat.c1, html));
    expect(model.told(chat.visitor.channelId)[0]?._embedded?.message).toMatchObject({
      _links: { plainMessage: { href: 'data:text/plain;charset=utf-8,x' } },
    });
  });
});

test('asPlainText drops tags and keeps the words', () => {
  const text = '<p>a &amp; b</p><script>alert(1)</script>c<br>&#65;&unknown;';
  expect(asPlainText({ contentType: 'text/html', text }).text).toBe('a & b\nc\nA&unknown;');
});
