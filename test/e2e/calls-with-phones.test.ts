// Pages and phones in calls: what one says is heard by the other, and by nobody who says it.

import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { joinCall } from '../support/join-page.ts';
import { waitForSilence } from '../support/media-flow.ts';
import { dial, openPhone, openPhonePanel } from '../support/phone-page.ts';
import { hears, hearsAll } from '../support/phones/page-sound.ts';
import { dial as dialByPhone, hangUp, type TestPhone, tones } from '../support/phones/phone.ts';
import { planOfThree } from '../support/phones/plan.ts';
import { expectToHear, heardBy, lastOf, listenAt, untilHeard } from '../support/phones/recordings.ts';
import { startScriptedPhone } from '../support/phones/scripted-phone.ts';
import { servePhonePages } from '../support/phones/serve-phone-pages.ts';
import { requireOrSkip } from '../support/require.ts';
import { findSipPort } from '../support/sip-port.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup') && requireOrSkip('baresip');
const people = ['join', 'publish', 'subscribe', 'chat', 'history', 'call', 'call:number', 'moderate'] as const;

const providerPort = await findSipPort();
/** Numbers with a plus lead to a provider, which is another phone in each test that has one. */
const plan = `
${planOfThree}
  - { name: out, when: { calledPrefix: '+' }, number: '{called}', trunks: [provider] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:${providerPort}'], probeSeconds: 0 } }
`;

describe.skipIf(!canRun)('a page and a phone', { timeout: 120_000 }, () => {
  const pages = servePhonePages(plan);

  /** Ben, who has no phone here, at a page that says his tone. */
  const openBen = async () => {
    const token = pages.server.issueToken({ identity: 'ben', name: 'Ben', can: people });
    return openPhone(await pages.browser('ben'), pages.server.url, { name: 'Ben', token });
  };

  const joinLobby = async () => {
    const token = pages.server.issueToken({ identity: 'ben', name: 'Ben', can: people });
    return joinCall(await pages.browser('ben'), `${pages.server.url}/r/lobby#token=${token}`, { name: 'Ben' });
  };

  test.each([
    ['PCMU', 'PCMU/8000/1'],
    ['PCMA', 'PCMA/8000/1'],
    ['G722', 'G722/16000/1'],
    ['opus', 'opus/48000/2'],
  ] as const)('speak with each other by %s, which the page calls', async (_name, codec) => {
    const [ann, ben] = await Promise.all([pages.phone({ user: 'ann', answers: true, codecs: [codec] }), openBen()]);
    await dial(ben, 'ann');
    await ann.heard('CALL_ESTABLISHED');
    await Promise.all([hears(ben, 'ann'), phoneHears(ann, 'ben')]);
    await tile(ben, 'Ann').getByText(', by phone').waitFor({ state: 'attached' });
    await ben.locator('.call-header .phone-clock').waitFor();
    await hangUp(ann);
    await ben.getByRole('heading', { name: 'Recent calls' }).waitFor();
    await endsHearing(ann, 'ben');
  });

  test('speak with each other when the phone calls, and the page ends it', async () => {
    const [ann, ben] = await Promise.all([pages.phone({ user: 'ann' }), openBen()]);
    await ann.command('dial', `sip:101@127.0.0.1:${ann.to}`);
    await ben.getByRole('region', { name: 'Ann calls' }).waitFor();
    await ann.heard('CALL_RINGING');
    await ben.getByRole('button', { name: 'Answer' }).click();
    await ann.heard('CALL_ESTABLISHED');
    await Promise.all([hears(ben, 'ann'), phoneHears(ann, 'ben')]);
    await ben.getByRole('button', { name: 'Hang up', exact: true }).click();
    await ann.heard('CALL_CLOSED');
    await endsHearing(ann, 'ben');
  });

  test('tell each other that nobody wants to answer', async () => {
    const [ann, ben] = await Promise.all([pages.phone({ user: 'ann' }), openBen()]);
    await ann.command('dial', `sip:101@127.0.0.1:${ann.to}`);
    await ben.getByRole('button', { name: 'Decline' }).click();
    await ann.heard('CALL_CLOSED');
    expect(ann.events.find(({ type }) => type === 'CALL_CLOSED')?.param).toContain('603');
    await dial(ben, 'ann');
    await ann.heard('CALL_INCOMING');
    await ann.command('hangup');
    // A phone that hangs up while it rings says 486, as one that talks does.
    await ben.getByText(/ann is on another call\./i).waitFor();
  });

  test('of one person ring at once, and whoever answers first has the call', async () => {
    const open = async (identity: string, name: string) => {
      const token = pages.server.issueToken({ identity, name, can: people });
      return openPhone(await pages.browser(), pages.server.url, { name, token });
    };
    const [ann, atPage, eve] = await Promise.all([
      pages.phone({ user: 'ann' }),
      open('ann', 'Ann'),
      open('eve', 'Eve'),
    ]);
    await dial(eve, 'ann');
    await Promise.all([ann.heard('CALL_INCOMING'), atPage.getByRole('region', { name: 'Eve calls' }).waitFor()]);
    await atPage.getByRole('button', { name: 'Answer' }).click();
    await ann.heard('CALL_CLOSED');
    await atPage.getByRole('button', { name: 'Hang up', exact: true }).click();
    await eve.getByRole('heading', { name: 'Recent calls' }).waitFor();
    await dial(eve, 'ann');
    await Promise.all([ann.heard('CALL_INCOMING', 2), atPage.getByRole('button', { name: 'Answer' }).waitFor()]);
    await ann.command('accept');
    await atPage.getByText('You answered Eve on another device.').waitFor();
    await tile(eve, 'Ann').getByText(', by phone').waitFor({ state: 'attached' });
  });

  test('hold each other, which is seen and is silent', async () => {
    const [ann, ben] = await Promise.all([pages.phone({ user: 'ann', answers: true }), openBen()]);
    await dial(ben, 'ann');
    await hears(ben, 'ann');
    await ann.command('hold');
    await tile(ben, 'Ann').getByText('On hold').waitFor();
    await waitForSilence(ben);
    await ann.command('resume');
    await tile(ben, 'Ann').getByText('On hold').waitFor({ state: 'detached' });
    await hears(ben, 'ann');
    await openPhonePanel(ben);
    await ben.getByRole('button', { name: /^Hold ann$/i }).click();
    await tile(ben, 'Ann').getByText('On hold').waitFor();
    await ben.getByRole('button', { name: /^Resume ann$/i }).click();
    await hears(ben, 'ann');
  });

  test('press keys for each other: those of the page arrive at the phone, those of the phone are seen', async () => {
    const [ann, ben] = await Promise.all([pages.phone({ user: 'ann', answers: true }), openBen()]);
    await dial(ben, 'ann');
    await hears(ben, 'ann');
    await openPhonePanel(ben, 'Keys');
    // The keyboard and the keys of the page, in turn.
    await ben.keyboard.type('12');
    await ben.getByRole('button', { name: 'star', exact: true }).click();
    await ben.keyboard.press('#');
    await eventually(() => keysAt(ann).length >= 4, 'the keys arrive at the phone');
    expect(keysAt(ann)).toEqual(['1', '2', '*', '#']);
    expect(await ben.locator('.line-digits').textContent()).toBe('12*#');
    for (const key of '70#') {
      await ann.command('sndcode', key);
      await tile(ben, 'Ann').getByText(key).waitFor();
    }
    await tile(ben, 'Ann').getByText('Pressed 70#').waitFor();
  });

  test('are joined by another phone: everybody hears both others, and the microphone has no hole', async () => {
    const [ann, cy, ben] = await Promise.all([
      pages.phone({ user: 'ann', answers: true }),
      pages.phone({ user: 'cy', answers: true, codecs: ['PCMA/8000/1'] }),
      openBen(),
    ]);
    await dial(ben, 'ann');
    await hears(ben, 'ann');
    await openPhonePanel(ben);
    await ben.getByRole('complementary').getByLabel('Number, name or address').fill('102');
    await ben.getByRole('button', { name: 'Call into this room' }).click();
    await hearsAll(ben, 'ann', 'cy');
    await hangUp(cy);
    await Promise.all([hears(ben, 'ann'), phoneHears(ann, 'ben')]);
    await hangUp(ann);
    await endsHearing(ann, 'ben');
  });

  test('meet in a room, where the phone raises its hand and is muted by itself and by a moderator', async () => {
    const [ann, ben] = await Promise.all([pages.phone({ user: 'ann' }), joinLobby()]);
    await dialByPhone(ann, '800');
    await tile(ben, 'Ann').waitFor();
    await hears(ben, 'ann');
    await pressAt(ann, '*5');
    await tile(ben, 'Ann').getByText('Hand raised').waitFor({ state: 'attached' });
    const isSilent = tile(ben, 'Ann').getByText(', microphone off');
    await pressAt(ann, '*6');
    await isSilent.waitFor({ state: 'attached' });
    await pressAt(ann, '*6');
    await isSilent.waitFor({ state: 'detached' });
    await ben.getByRole('button', { name: /^People/ }).click();
    await ben.getByRole('button', { name: 'Moderate Ann' }).click();
    await ben.getByRole('menuitem', { name: 'Mute', exact: true }).click();
    await isSilent.waitFor({ state: 'attached' });
    await waitForSilence(ben);
  });

  test('are in one place each while a number rings and is heard already', async () => {
    const [provider, ben] = await Promise.all([
      startProvider((call, rtp) => {
        rtp.connect(call.sdp);
        void call.progress(183, { sdp: rtp.describe() });
      }),
      openBen(),
    ]);
    await dial(ben, '+49 30 123');
    const rung = tile(ben, '\\+4930123');
    await rung.getByText('Ringing…').waitFor();
    await hears(ben, 'cy');
    await ben.getByRole('button', { name: 'People, 2 in the room' }).click();
    await ben.getByText(/By phone · .* rings/).waitFor();
    expect(await ben.locator('.tile').count()).toBe(2);
    expect(await rung.getByText(', by phone').count()).toBe(0);
    await provider.incoming[0]?.accept({ sdp: provider.rtp.describe() });
    await rung.getByText(', by phone').waitFor({ state: 'attached' });
    expect(await ben.locator('.tile').count()).toBe(2);
    expect(await ben.getByText('Ringing…').count()).toBe(0);
  });

  test('tell apart who is busy, declines and is not reached, in words and in the log', async () => {
    const statuses: Readonly<Record<string, number>> = { '+491': 486, '+492': 603, '+493': 404 };
    const [, ben] = await Promise.all([
      startProvider((call) => {
        const status = statuses[/sip:(\+\d{3})/.exec(call.uri)?.[1] ?? ''];
        void (status === undefined ? call.ring() : call.reject(status));
      }),
      openBen(),
    ]);
    const ends = [
      ['+4910000', '+4910000 is on another call.', 'Busy'],
      ['+4920000', '+4920000 declined.', 'Declined'],
      ['+4930000', '+4930000 cannot be reached.', 'Not reached'],
    ] as const;
    for (const [number, told, logged] of ends) {
      await dial(ben, number);
      await ben.getByText(told).waitFor();
      await ben.locator('.call-log-entry').first().getByText(logged).waitFor();
    }
  });
});

describe.skipIf(!canRun)('a page that rings somebody for two seconds', { timeout: 60_000 }, () => {
  const pages = servePhonePages(plan, { calls: { ringMs: 2_000 } });

  test('is told that a phone did not answer, and that a page did not, where the call was missed', async () => {
    const open = async (identity: string, name: string) => {
      const token = pages.server.issueToken({ identity, name, can: people });
      return openPhone(await pages.browser(), pages.server.url, { name, token });
    };
    const [ann, ben, eve] = await Promise.all([pages.phone({ user: 'ann' }), open('ben', 'Ben'), open('eve', 'Eve')]);
    await dial(ben, 'ann');
    await ann.heard('CALL_INCOMING');
    await ben.getByText(/^ann did not answer\.$/i).waitFor();
    await ann.heard('CALL_CLOSED');
    await ben.locator('.call-log-entry').first().getByText('No answer').waitFor();
    await dial(ben, 'eve');
    await eve.getByRole('button', { name: 'Answer' }).waitFor();
    await ben.getByText(/^eve did not answer\.$/i).waitFor();
    await eve.getByText('You missed a call of Ben.').waitFor();
    expect(await eve.getByRole('button', { name: 'Answer' }).count()).toBe(0);
    await eve.locator('.call-log-entry[data-direction="missed"]').first().waitFor();
  });
});

/** Where the numbers with a plus lead. */
function startProvider(takes: Parameters<typeof startScriptedPhone>[1]) {
  return startScriptedPhone(tones.cy, takes, { port: providerPort });
}

function keysAt(phone: TestPhone): string[] {
  return phone.events.filter(({ type }) => type === 'CALL_DTMF_START').map(({ param = '' }) => param);
}

/** One after another, as a finger does. */
async function pressAt(phone: TestPhone, keys: string): Promise<void> {
  for (const key of keys) {
    await phone.command('sndcode', key);
    await delay(250);
  }
}

async function phoneHears(phone: TestPhone, voice: keyof typeof tones): Promise<void> {
  await untilHeard((ms) => listenAt(phone, ms), voice);
}

async function endsHearing(phone: TestPhone, voice: keyof typeof tones): Promise<void> {
  const heard = (await heardBy(phone)).at(-1);
  expectToHear(heard && lastOf(heard, 1_000), voice);
}

function tile(page: Page, name: string) {
  return page.locator('.tile').filter({ has: page.getByText(new RegExp(`^${name}$`, 'i')) });
}
