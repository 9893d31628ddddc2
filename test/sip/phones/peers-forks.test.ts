// A number that rings at two places: each of them answers early with a sound of its own, and one of them picks up.

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRtpPhone, type RtpPhone } from '../../../media/phones/testing/rtp-phone.ts';
import { eventually } from '../../support/eventually.ts';
import { tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { expectToHear, type Heard } from '../../support/phones/recordings.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

interface Provider {
  readonly port: number;
  readonly invite: string | undefined;
  /** Methods of what came in the dialog with this tag, in order. */
  within(tag: string): readonly string[];
  /** An answer to the INVITE, of the place that this tag stands for. */
  answer(status: number, tag: string, sdp?: string): void;
}

/** It answers whatever comes within a call with 200. Closed with the test. */
async function startProvider(): Promise<Provider> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const { port } = socket.address();
  const heard: { readonly text: string; readonly from: RemoteInfo }[] = [];
  const reply = (at: (typeof heard)[number] | undefined, status: number, tag: string, sdp = '') => {
    if (at === undefined) return;
    const copied = at.text.split('\r\n').filter((line) => /^(Via|From|Call-ID|CSeq):/i.test(line));
    const to = /^To:.*$/im.exec(at.text)?.[0] ?? '';
    const lines = [
      `SIP/2.0 ${status} Said`,
      ...copied,
      to.includes(';tag=') ? to : `${to};tag=${tag}`,
      `Contact: <sip:${tag}@127.0.0.1:${port}>`,
      ...(sdp === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(sdp)}`,
      '',
      sdp,
    ];
    socket.send(lines.join('\r\n'), at.from.port, at.from.address);
  };
  const invite = () => heard.find(({ text }) => text.startsWith('INVITE'));
  socket.on('message', (bytes, from) => {
    const one = { text: bytes.toString('utf8'), from };
    heard.push(one);
    if (/^(BYE|CANCEL|INFO|OPTIONS)/.test(one.text)) reply(one, 200, 'late');
  });
  return {
    port,
    get invite() {
      return invite()?.text;
    },
    within: (tag) =>
      heard.filter(({ text }) => text.includes(`;tag=${tag}\r\n`)).map(({ text }) => text.split(' ')[0] ?? ''),
    answer: (status, tag, sdp) => reply(invite(), status, tag, sdp),
  };
}

const planTo = (port: number) => `
realm: phones.test
users:
  - { identity: ann, password: secret, numbers: ['100'] }
trunks:
  - name: provider
    outbound: { targets: ['sip:127.0.0.1:${port}'], probeSeconds: 0 }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;

/** A place where it rings: it sends its tone to whoever called. */
async function place(toneHz: number, offer: string): Promise<RtpPhone> {
  const phone = await createRtpPhone();
  onTestFinished(() => phone[Symbol.asyncDispose]());
  phone.connect(offer);
  phone.say(toneHz);
  return phone;
}

async function heardNow(phone: Pick<RtpPhone, 'heard'>): Promise<Heard> {
  phone.heard();
  await delay(1_200);
  return { sampleRate: 8_000, pcm: phone.heard() };
}

/** ann dials, and it rings at two places. */
async function ring(server: PhoneServer, provider: Provider) {
  const ann = await startScriptedPhone(tones.ann);
  const placed = ann.sip.place({
    uri: `sip:+4930123456@127.0.0.1:${server.port}`,
    sdp: ann.rtp.describe(),
    headers: { From: '<sip:ann@127.0.0.1>' },
    credentials: { user: 'ann', password: 'secret' },
  });
  placed.events.on('progress', ({ sdp }) => {
    if (sdp !== '') ann.rtp.connect(sdp);
  });
  const invite = await eventually(() => provider.invite, 'the INVITE');
  const offer = invite.slice(invite.indexOf('\r\n\r\n'));
  const [ben, cy] = await Promise.all([place(tones.ben, offer), place(tones.cy, offer)]);
  return { ann, placed, ben, cy };
}

describe.skipIf(!requireOrSkip('mediasoup'))('a number that rings at two places', { timeout: 60_000 }, () => {
  test('is heard from the one that picks up, though the other one goes on to send', async () => {
    const provider = await startProvider();
    const server = await startPhoneServer(planTo(provider.port));
    const { ann, placed, ben, cy } = await ring(server, provider);
    ben.say(undefined);
    provider.answer(180, 'cy', cy.describe());
    await delay(1_000);
    // Before anybody has answered: an announcement, or what it costs.
    expectToHear(await heardNow(ann.rtp), 'cy');
    ben.say(tones.ben);
    provider.answer(183, 'ben', ben.describe());
    await delay(500);
    provider.answer(200, 'ben', ben.describe());
    const call = await placed.answered;
    ann.rtp.connect(call.remoteSdp);
    await delay(2_000);
    expectToHear(await heardNow(ann.rtp), 'ben');
    expectToHear(await heardNow(ben), 'ann');
    expect((await heardNow(cy)).pcm).toHaveLength(0);
    await call.bye();
    await eventually(() => provider.within('ben').includes('BYE'), 'the BYE');
    expect(provider.within('ben').filter((method) => method === 'ACK').length).toBeGreaterThan(0);
    expect(provider.within('cy')).toEqual([]);
  });

  test('and is picked up at both is hung up at the one that was later', async () => {
    const provider = await startProvider();
    const server = await startPhoneServer(planTo(provider.port));
    const { ann, placed, ben, cy } = await ring(server, provider);
    provider.answer(180, 'ben');
    provider.answer(180, 'cy');
    provider.answer(200, 'ben', ben.describe());
    provider.answer(200, 'cy', cy.describe());
    const call = await placed.answered;
    ann.rtp.connect(call.remoteSdp);
    await eventually(() => provider.within('cy').includes('BYE'), 'the BYE to the second one');
    expect(provider.within('cy')[0]).toBe('ACK');
    await delay(1_500);
    expectToHear(await heardNow(ann.rtp), 'ben');
    expectToHear(await heardNow(ben), 'ann');
    expect(provider.within('ben')).not.toContain('BYE');
    await call.bye();
    await eventually(() => provider.within('ben').includes('BYE'), 'the BYE');
  });
});
