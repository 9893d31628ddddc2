import { expect, test } from 'vitest';
import { describeCall } from './describe-call.ts';

type Step = Parameters<typeof describeCall>[0];
type Leg = NonNullable<Step['leg']>;

const nameOf = (identity: string) => (identity === 'me' ? 'You' : 'Ada');

const leg = (changes: Partial<Leg>): Leg => ({
  legId: 'l',
  kind: 'user',
  identity: 'ada',
  name: 'Ada',
  number: '',
  state: 'accepted',
  via: '',
  peerId: '',
  held: false,
  heldBy: '',
  muted: false,
  endReason: '',
  codec: '',
  encrypted: false,
  ...changes,
});
const me = leg({ identity: 'me' });
const phone = leg({ kind: 'number', identity: 'tel:+49301', number: '+49301', name: '' });

test.each<[Partial<Step>, string]>([
  [{ step: 'started', legs: [me, leg({}), phone] }, 'You called Ada and +49301'],
  [{ step: 'started', legs: [leg({}), me] }, 'Ada called you'],
  [{ step: 'answered', leg: phone }, '+49301 answered'],
  [{ step: 'failed', leg: leg({}), reason: 'busy' }, 'Ada is on another call'],
  [{ step: 'failed', leg: me, reason: 'busy' }, 'You are on another call'],
  [{ step: 'left', leg: leg({}), reason: 'hung-up' }, 'Ada hung up'],
  [{ step: 'left', leg: me, reason: 'of another version' }, 'You left the call'],
  [{ step: 'held', leg: me }, 'You are on hold'],
  [{ step: 'resumed', leg: leg({}) }, 'Ada is back'],
  [{ step: 'transferred', leg: leg({}) }, 'Ada handed the call on'],
  [{ step: 'ended', durationMs: 65_000 }, 'The call ended after 1:05'],
  [{ step: 'ended', durationMs: 0 }, 'The call was not answered'],
])('%o is “%s”', (changes, sentence) => {
  expect(
    describeCall({ callId: 'k', room: '', step: 'ended', legs: [], reason: '', subject: '', ...changes }, nameOf),
  ).toBe(sentence);
});
