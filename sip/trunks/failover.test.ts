import { describe, expect, test } from 'vitest';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import { openTrunks, outbound } from './testing/open-trunks.ts';

describe('failover', () => {
  test('goes through targets and trunks in their order, and through the dead ones last', () => {
    const { clock, all, ways, begin } = openTrunks(
      `  - { name: p, ${outbound} }\n  - { name: q, outbound: { targets: 'sip:three.example' } }`,
    );
    expect(ways()).toEqual(['sip:one.example', 'sip:two.example;transport=tcp', 'sip:three.example']);
    begin()?.failed(408);
    expect(ways()).toEqual(['sip:two.example;transport=tcp', 'sip:three.example', 'sip:one.example']);
    expect(ways('+4930123456', { trunks: ['q', 'p'] })).toEqual([
      'sip:three.example',
      'sip:two.example;transport=tcp',
      'sip:one.example',
    ]);
    expect(all.states[0]?.targets).toEqual([
      { uri: 'sip:one.example', dead: true, because: 'it does not answer' },
      { uri: 'sip:two.example;transport=tcp', dead: false, because: '' },
    ]);
    clock.advance(120_000);
    expect(ways()[0]).toBe('sip:one.example');
  });

  test.each([486, 404, 603])('%i is an answer: the target lives', (status) => {
    const { ways, begin } = openTrunks(`  - { name: p, ${outbound} }`);
    begin()?.failed(status);
    expect(ways()[0]).toBe('sip:one.example');
  });

  test('probes find the dead, and bring them back', async () => {
    const { clock, all, ways } = openTrunks(
      "  - { name: p, outbound: { targets: ['sip:one.example', 'sip:two.example'], probeSeconds: 30 } }",
    );
    const asked: string[] = [];
    let answers: 'yes' | 'silent' | 503 | 404 | 'away' = 'silent';
    const request = async ({ uri }: { uri: string }): Promise<never> => {
      asked.push(uri);
      if (uri === 'sip:two.example') throw refused(404);
      if (answers === 'silent') return new Promise<never>(() => {});
      if (answers === 'away') throw new SipFailure('DISCONNECTED', 'away');
      if (typeof answers === 'number') throw refused(answers);
      return {} as never;
    };
    const refused = (status: number) =>
      new SipFailure('REFUSED', String(status), { status, headers: SipHeaders.of([]) });
    all.start({ request, register: () => Promise.resolve(60) });
    const later = async (ms: number) => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
      return ways();
    };
    expect(asked).toEqual(['sip:one.example', 'sip:two.example']);
    expect(await later(4_999)).toEqual(['sip:one.example', 'sip:two.example']);
    expect(await later(1)).toEqual(['sip:two.example', 'sip:one.example']);
    answers = 'away';
    expect(await later(25_000)).toEqual(['sip:two.example', 'sip:one.example']);
    answers = 404;
    expect(await later(30_000)).toEqual(['sip:one.example', 'sip:two.example']);
    answers = 503;
    expect(await later(30_000)).toEqual(['sip:two.example', 'sip:one.example']);
    answers = 'yes';
    expect(await later(30_000)).toEqual(['sip:one.example', 'sip:two.example']);
    await all.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
