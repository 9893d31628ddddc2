import { expect, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import { readPlan } from '../../dial-plan/file/read-plan.ts';
import { Callers } from '../../dial-plan/identify-caller.ts';
import { Logins } from '../../dial-plan/logins.ts';
import { Trunks } from '../../trunks/trunks.ts';
import { legOptions } from './phone-leg-options.ts';

const plan = readPlan(
  `
media: { comfortNoise: false }
trunks:
  - name: quiet
    inbound: { addresses: 192.0.2.1 }
    outbound: { targets: 'sip:192.0.2.1', probeSeconds: 0 }
    media: { codecs: [PCMA], srtp: required, inBandDtmf: true, levelControl: true, noiseGate: true, comfortNoise: false }
  - name: plain
    inbound: { addresses: 192.0.2.2 }
    outbound: { targets: 'sip:192.0.2.2', probeSeconds: 0 }
`,
  'plan.yaml',
);
const place = { id: 'x', announced: '192.0.2.9', silenceTimeoutMs: 30_000 };

test('what the plan says of a trunk’s sound is done to calls of both ways by it, and to no others', () => {
  const clock = new FakeClock();
  const onListenerError = () => {};
  const trunks = new Trunks({ clock, plan, node: '', onListenerError });
  const callers = new Callers(new Logins({ clock }, plan), plan);
  const ways = (trunk: string) => [
    ...trunks.choose({ number: '+4930123', trunks: [trunk] }).routes.map(({ media }) => media),
    callers.mediaOf({ kind: 'trunk', trunk }),
  ];
  const quiet = { codecs: ['PCMA'], srtp: 'required', inBandDtmf: true, levelControl: true, noiseGate: true };
  const plain = { inBandDtmf: false, levelControl: false, noiseGate: false };
  const options = (trunk: string) => ways(trunk).map((media) => legOptions(media, place));
  expect(options('quiet')).toMatchObject([
    { ...place, ...quiet, comfortNoise: false },
    { ...place, ...quiet, comfortNoise: false },
  ]);
  expect(options('plain')).toMatchObject([
    { ...plain, comfortNoise: true },
    { ...plain, comfortNoise: true },
  ]);
  const ofUsers = legOptions(callers.mediaOf({ kind: 'user', identity: 'ann' }), place);
  expect(ofUsers).toMatchObject({ ...plain, comfortNoise: false });
});
