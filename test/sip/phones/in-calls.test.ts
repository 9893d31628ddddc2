// What phones do while they are in a room, and what is done to them.

import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { dial, hangUp, registeredPhone, type TestPhone } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { listenAt, untilHeard, untilSilent } from '../../support/phones/recordings.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');
const ended = (server: PhoneServer) => server.lines.filter(({ message }) => message === 'phone call ended');

describe.skipIf(!here)('a phone in a room', { timeout: 60_000 }, () => {
  let server: PhoneServer;
  let ann: TestPhone;
  let ben: TestPhone;

  beforeEach(async () => {
    server = await startPhoneServer(planOfThree, { sip: { media: { silenceTimeoutMs: 4_000 } } });
    [ann, ben] = await Promise.all([
      registeredPhone(server, { user: 'ann' }),
      registeredPhone(server, { user: 'ben', codecs: ['PCMA/8000/1'] }),
    ]);
  });

  test('that holds is not heard, and is heard again when it goes on', async () => {
    await dial(ann, '800');
    await dial(ben, '800');
    await untilHeard((ms) => listenAt(ben, ms), 'ann');
    await ann.command('hold');
    await untilSilent((ms) => listenAt(ben, ms));
    await hangUp(ben);

    await dial(ben, '800', 2);
    await ann.command('resume');
    // baresip 1.0.0 plays nothing any more once it has held, to whomever it speaks.
    await untilHeard((ms) => listenAt(ben, ms), 'ann');
    await Promise.all([hangUp(ann), hangUp(ben, 2)]);
  });

  test('that vanishes without BYE leaves as lost, and the others go on', async () => {
    await dial(ann, '800');
    await dial(ben, '800');
    await delay(500);
    process.kill(ann.pid, 'SIGKILL');
    const record = await eventually(() => ended(server)[0], 'that it is missed', 20_000);
    expect(record.fields).toMatchObject({ why: 'no media came', room: 'lobby' });
    expect(ben.events.some(({ type }) => type === 'CALL_CLOSED')).toBe(false);
    await hangUp(ben);
  });

  test('is hung up with the server, which tells the room', async () => {
    await dial(ann, '800');
    await server.close();
    await ann.heard('CALL_CLOSED');
    expect(ended(server)[0]?.fields).toMatchObject({ why: 'the server is stopping' });
  });
});

describe.skipIf(!here)('a server that is about to stop', { timeout: 60_000 }, () => {
  test('takes no new calls, lets those that run go on, and hangs up in the end', async () => {
    const server = await startPhoneServer(planOfThree, { shutdown: { drainMs: 3_500 } });
    const ann = await registeredPhone(server, { user: 'ann' });
    const ben = await registeredPhone(server, { user: 'ben' });
    await dial(ann, '800');
    const drained = server.app.drain();
    await ben.command('dial', `sip:800@127.0.0.1:${ben.to}`);
    await ben.heard('CALL_CLOSED');
    expect(ben.events.find(({ type }) => type === 'CALL_CLOSED')?.param).toMatch(/^503/);
    await delay(1_000);
    expect(ann.events.some(({ type }) => type === 'CALL_CLOSED')).toBe(false);
    await drained;
    await server.close();
    await ann.heard('CALL_CLOSED');
    expect(ended(server)[0]?.fields).toMatchObject({ why: 'the room was closed' });
    expect(ended(server)[0]?.fields['seconds']).toBeGreaterThanOrEqual(2);
  });
});
