import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { PartialConfig } from '../config/schema.ts';
import { createConfig } from '../config.ts';
import { checkDialPlan, checkPhoneMedia } from './phone-checks.ts';

const keys = { identity: { jwksUrl: 'https://idp.example.org/keys' } };
const socket = { protocol: 'UDP' as const, address: '0.0.0.0', port: 5060, certFile: '', keyFile: '', caFile: '' };

async function planOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plan.yaml');
  await writeFile(file, text);
  return file;
}

const lookAtPlan = async (sip: PartialConfig['sip']) => {
  const [finding, ...rest] = await checkDialPlan(createConfig({ ...keys, sip: { ...sip } }));
  expect(rest).toEqual([]);
  return finding;
};

test('a dial plan is read as at a start', async () => {
  expect(await lookAtPlan({})).toBeUndefined();
  expect(await lookAtPlan({ enabled: true })).toMatchObject({
    verdict: 'warning',
    text: 'there is none: calls get 503',
  });
  const planFile = await planOf('users: [{ identity: ann, password: secret-of-ann }]');
  const good = await lookAtPlan({ enabled: true, planFile });
  expect(good).toMatchObject({ verdict: 'fine', text: `${planFile}: users: 1, trunks: 0, rules: 0` });
  const bad = await lookAtPlan({ enabled: true, planFile: await planOf('users: [{ identty: ann }]') });
  expect(bad).toMatchObject({ verdict: 'broken', mend: 'parley sip plan check says what is wrong with it' });
  expect(await lookAtPlan({ enabled: true, planFile: '/nowhere.yaml' })).toMatchObject({ verdict: 'broken' });
});

test('phones are told of an address that they reach, or the doctor warns', () => {
  const look = (config: PartialConfig) => checkPhoneMedia(createConfig({ ...keys, ...config }));
  const sip = { enabled: true, planFile: 'plan.yaml' };
  const announced = { announcedAddress: '203.0.113.7' };
  expect(look({ sip: { enabled: true } })).toEqual([]);
  expect(look({ sip })).toMatchObject([{ verdict: 'fine' }]);
  expect(look({ sip, media: announced })).toMatchObject([
    { verdict: 'warning', mend: expect.stringContaining('sip.media.announcedAddress') },
  ]);
  const media = { ...announced, portMin: 20_001, portMax: 20_004 };
  expect(look({ sip: { ...sip, media }, media: announced })).toMatchObject([
    { verdict: 'fine', text: 'UDP 20001 to 20004, for 1 at once; they are told to send sound to 203.0.113.7' },
  ]);
  const listen = [{ ...socket, advertise: ['203.0.113.8'], origins: [] }];
  expect(look({ sip: { ...sip, listen }, media: announced })).toMatchObject([
    { verdict: 'fine', text: expect.stringContaining('203.0.113.8') },
  ]);
});
