import { describe, expect, it } from 'vitest';
import { describePath, type Hop, type HopKind, type HopState, judge, type PathOutcome, toReport } from './hops.ts';

const connected: PathOutcome = { outcome: 'connected', roundTripMs: 12.4, address: '203.0.113.5', port: 40_000 };

function failed(stage: 'refused' | 'relay' | 'silent' | 'dtls', more: { code?: number; message?: string } = {}) {
  return { outcome: 'failed', stage, message: '', code: 0, targets: ['203.0.113.5 port 40000'], ...more } as const;
}

/** Hops whose states are `+` for fine, `-` for failed and `?` for waiting, in the order page, signaling, udp, tcp, relay. */
function hops(states: string, kinds: readonly HopKind[] = ['page', 'signaling', 'udp', 'tcp', 'relay']): Hop[] {
  const stateOf = (mark: string, kind: HopKind): HopState => {
    if (mark === '+') return { name: 'fine', text: 'works' };
    return mark === '-' ? { name: 'failed', text: `${kind} is broken`, mend: `mend ${kind}` } : { name: 'waiting' };
  };
  return [...states].map((mark, index) => {
    const kind = kinds[index] ?? 'relay';
    return { id: `${kind}-${index}`, kind, label: kind.toUpperCase(), state: stateOf(mark, kind) };
  });
}

describe('a hop that fails is named with what mends it', () => {
  it.each<readonly [string, HopState, string, string]>([
    [
      'a blocked UDP port',
      describePath('udp', failed('silent')),
      'UDP to 203.0.113.5 port 40000 does not come back',
      'media.port',
    ],
    [
      'a blocked TCP port',
      describePath('tcp', failed('silent')),
      'TCP to 203.0.113.5 port 40000 does not come back',
      'media.port',
    ],
    ['broken encryption', describePath('udp', failed('dtls')), 'the encryption fails', 'firewall'],
    ['a server that is full', describePath('udp', failed('refused', { message: 'No more.' })), 'No more.', 'again'],
    [
      'a relay with another secret',
      describePath('relay', failed('relay', { code: 401 }), 'turn:r.example.org'),
      'turn:r.example.org refuses the credentials (401)',
      'turn.secret',
    ],
    [
      'a relay that is not there',
      describePath('relay', failed('relay', { code: 701 }), 'turn:r.example.org'),
      'does not answer',
      'turn.urls',
    ],
    [
      'a relay that may not send there',
      describePath('relay', failed('silent'), 'turn:r'),
      'nothing comes back from 203.0.113.5',
      'allowed-peer-ip',
    ],
  ])('%s', (_what, state, text, mend) => {
    expect(state).toMatchObject({
      name: 'failed',
      text: expect.stringContaining(text),
      mend: expect.stringContaining(mend),
    });
  });

  it('and one that works says how fast', () => {
    expect(describePath('udp', connected)).toEqual({ name: 'fine', text: '203.0.113.5 port 40000 answers in 12 ms' });
  });
});

describe('the verdict', () => {
  it.each<readonly [string, string, RegExp, string]>([
    ['+++++', 'fine', /Everything works/, 'shortest way'],
    ['++++', 'fine', /Everything works/, 'shortest way'],
    ['-????', 'broken', /page is broken/, 'mend page'],
    ['+-???', 'broken', /signaling is broken/, 'mend signaling'],
    ['++?', 'running', /Testing/, 'one way'],
    ['++---', 'broken', /no way to the server/, 'udp is broken. mend udp'],
    ['++-+', 'warning', /over TCP/, 'mend udp'],
    ['++--+', 'warning', /through the relay/, 'mend udp'],
    ['+++-+', 'warning', /not from everywhere/, 'mend tcp'],
    ['++++-', 'warning', /not from everywhere/, 'mend relay'],
    ['+++++-', 'warning', /not from everywhere/, 'mend relay'],
  ])('of %s is %s', (states, tone, title, advice) => {
    expect(judge(hops(states))).toMatchObject({
      tone,
      title: expect.stringMatching(title),
      advice: expect.stringContaining(advice),
    });
  });

  it('of one worker of two that is not reached says so', () => {
    const kinds = ['page', 'signaling', 'udp', 'udp', 'tcp', 'tcp'] as const;
    expect(judge(hops('+++-++', kinds))).toMatchObject({
      tone: 'warning',
      advice: expect.stringContaining('mend udp'),
    });
  });

  it('can be pasted into a mail', () => {
    const tried = hops('++-+');
    const report = toReport(tried, judge(tried));
    expect(report).toContain('FAILED  UDP: udp is broken\n        mend udp');
    expect(report).toContain('ok      TCP: works');
  });
});
