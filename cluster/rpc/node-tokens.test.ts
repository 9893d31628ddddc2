import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { NodeTokens } from './node-tokens.ts';

const secret = 's'.repeat(32);
const call = { to: 'two~b', path: '/parley.node.v1.NodeService/Ping', body: Buffer.from('hello') };

function create() {
  const clock = new FakeClock();
  return { clock, tokens: new NodeTokens({ secret, clock }) };
}

describe('a token between nodes', () => {
  it('says who signed it', () => {
    const { tokens } = create();
    expect(tokens.verify(tokens.sign('one~a', call), call)).toBe('one~a');
  });

  it('is refused for another node, method or request', () => {
    const { tokens } = create();
    const token = tokens.sign('one~a', call);
    expect(() => tokens.verify(token, { ...call, to: 'two~c' })).toThrow('meant for another node');
    expect(() => tokens.verify(token, { ...call, path: '/other' })).toThrow('signature');
    expect(() => tokens.verify(token, { ...call, body: Buffer.from('hellO') })).toThrow('signature');
  });

  it('is good once, and two of the same call in one moment are two', () => {
    const { clock, tokens } = create();
    const [one, other] = [tokens.sign('one~a', call), tokens.sign('one~a', call)];
    expect(tokens.verify(one, call)).toBe('one~a');
    expect(tokens.verify(other, call)).toBe('one~a');
    for (const ms of [0, 60_000, 29_000]) {
      clock.advance(ms);
      expect(() => tokens.verify(one, call)).toThrow('used before');
    }
    for (const same of [`${other}=`, `${other}\n`]) {
      expect(() => tokens.verify(same, call)).toThrow('used before');
    }
    expect(tokens.verify(tokens.sign('one~a', call), call)).toBe('one~a');
  });

  it('is refused when it was signed with another secret', () => {
    const { clock, tokens } = create();
    const forged = new NodeTokens({ secret: 'x'.repeat(32), clock }).sign('one~a', call);
    expect(() => tokens.verify(forged, call)).toThrow('cluster.secret must be the same');
  });

  it('holds with clocks that differ by half a minute, and not for long', () => {
    const { clock, tokens } = create();
    const tokensOfThen = [tokens.sign('one~a', call), tokens.sign('one~a', call)];
    clock.advance(89_000);
    expect(tokens.verify(tokensOfThen[0], call)).toBe('one~a');
    clock.advance(2_000);
    expect(() => tokens.verify(tokensOfThen[1], call)).toThrow('expired');
  });

  it('is refused when it comes from far in the future', () => {
    const { clock, tokens } = create();
    const fast = new FakeClock();
    fast.advance(clock.nowMs() - fast.nowMs() + 120_000);
    const token = new NodeTokens({ secret, clock: fast }).sign('one~a', call);
    expect(() => tokens.verify(token, call)).toThrow('of the future');
  });

  it('is refused in whatever other form it comes', () => {
    const { tokens } = create();
    const good = tokens.sign('one~a', call);
    const refusal = (token: unknown) => {
      expect(() => tokens.verify(token, call)).toThrow(expect.objectContaining({ reason: 'NODE_TOKEN_REFUSED' }));
    };
    for (const bad of [
      undefined,
      '',
      '.',
      `${good}.x`,
      good.slice(0, -1),
      `x${good}`,
      'x'.repeat(5_000),
      Buffer.of(1),
    ]) {
      refusal(bad);
    }
    fc.assert(fc.property(fc.string(), refusal), { numRuns: 500 });
  });
});
