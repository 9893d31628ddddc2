import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { DialRequest } from './decision.ts';
import { PlanError } from './file/plan-problem.ts';
import { openPlan } from './open-plan.ts';

const trunk =
  "trunks: [{ name: p, outbound: { targets: 'sip:one.example', probeSeconds: 0 }, limits: { minutesPerDay: 9 } }]";
const request: DialRequest = {
  from: { kind: 'guest' },
  called: '1',
  caller: '',
  callerName: '',
  headers: SipHeaders.of([]),
  source: { address: '10.0.0.1', port: 5060, protocol: 'udp' },
};

async function open(text: string, state = false) {
  const folder = await mkdtemp(join(tmpdir(), 'plan-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plan.yaml');
  await writeFile(file, text);
  const clock = new FakeClock();
  const stateFile = state ? join(folder, 'state.json') : '';
  const start = () => openPlan({ file, stateFile, node: 'a', remoteAgent: false, clock, log: silentLogger });
  return { clock, file, stateFile, start, opened: await start() };
}

const plan = (room: string) => `guests: true\nrules: [{ name: all, room: ${room} }]\n${trunk}`;

test('a plan that changes is read again, and one that is wrong changes nothing', async () => {
  const { opened, file, clock } = await open(plan('first'));
  const room = () => opened.plan.decide(request).to;
  const call = opened.trunks.begin(opened.trunks.choose({ number: '+4930123456' }).routes[0]!, () => {});
  expect(room()).toMatchObject({ room: 'first' });
  await writeFile(file, plan('second'));
  expect(await opened.reload()).toBe('changed');
  expect(room()).toMatchObject({ room: 'second' });
  await writeFile(file, 'rulez: 1');
  expect(await opened.reload()).toBe('refused');
  await rm(file);
  expect(await opened.reload()).toBe('refused');
  expect(room()).toMatchObject({ room: 'second' });
  expect(opened.trunks.states[0]?.calls).toBe(1);
  call?.ended();
  // Without anybody who says so.
  await writeFile(file, plan('a-third-one'));
  await eventually(() => {
    clock.advance(5_000);
    return JSON.stringify(room()).includes('a-third-one');
  }, 'the change is seen');
  await opened.close();
  expect(clock.pendingTimers).toBe(0);
});

test('a plan that is wrong from the start is an error, and so is one that is not there', async () => {
  await expect(open('rulez: 1')).rejects.toThrow(PlanError);
  const { start, file, opened } = await open('');
  await rm(file);
  await expect(start()).rejects.toThrow('ENOENT');
  await opened.close();
});

test('what trunks have spent is known after a restart', async () => {
  const { clock, opened, start, stateFile } = await open(plan('r'), true);
  const minutes = (of: typeof opened) => of.trunks.states[0]?.minutes;
  const call = opened.trunks.begin(opened.trunks.choose({ number: '+4930123456' }).routes[0]!, () => {});
  call?.answered();
  clock.advance(120_000);
  expect(minutes(opened)).toBe(3);
  call?.ended();
  await opened.close();
  const again = await start();
  expect(minutes(again)).toBe(3);
  await again.close();
  // As a disk may leave it where the power failed.
  await writeFile(stateFile, '');
  await expect(start()).rejects.toThrow(stateFile);
  await writeFile(stateFile, '{"p":{"day":1}}');
  await expect(start()).rejects.toThrow('is damaged at p');
  expect(await readFile(stateFile, 'utf8')).toContain('"day":1');
});
