import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import type { Flow } from '../agent/transports/flow.ts';
import { drawLadder } from './draw-ladder.ts';
import { Ladders } from './ladders.ts';
import { redact } from './redact.ts';

const clock = new FakeClock();

function flowTo(address: string, port = 5060): Flow {
  return {
    id: `udp/${address}`,
    transport: 'UDP',
    reliable: false,
    open: true,
    local: { address: '192.0.2.1', port: 5060 },
    remote: { address, port },
    sentBy: { host: '192.0.2.1', port: 5060 },
    send: async () => {},
    close: () => {},
  };
}

function message(start: string, fields: readonly string[] = [], body = ''): Buffer {
  return Buffer.from(`${[start, 'Call-ID: one@example.org', 'CSeq: 1 INVITE', ...fields].join('\r\n')}\r\n\r\n${body}`);
}

const invite = message('INVITE sip:bob@example.org SIP/2.0', ['From: <sip:ann@example.org>;tag=1']);

describe('what is kept of a message', () => {
  test('has no credentials, folded or not, and no passwords of URIs', () => {
    const text = redact(
      message('REGISTER sip:example.org SIP/2.0', [
        'From: <sip:ann:geheim@example.org>;tag=1',
        'Authorization: Digest username="ann", realm="x",',
        ' response="00112233445566778899aabbccddeeff"',
        'PROXY-Authorization: Digest username="ann", response="ffeeddcc"',
        'Max-Forwards: 70',
      ]),
    );
    expect(text).toContain('Authorization: Digest …\r\nPROXY-Authorization: Digest …\r\nMax-Forwards: 70');
    for (const secret of ['geheim', '00112233', 'ffeeddcc', 'username']) expect(text).not.toContain(secret);
  });

  test('has no keys of media', () => {
    const sdp = [
      'v=0',
      'm=audio 5000 RTP/SAVP 0',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4',
      'a=ice-pwd:asd88fgpdd777uzjYhagZg',
      'k=clear:geheim',
      'a=sendrecv',
    ].join('\r\n');
    const text = redact(message('INVITE sip:b@c SIP/2.0', ['Content-Type: application/sdp'], sdp));
    for (const secret of ['WVNf', 'asd88', 'geheim']) expect(text).not.toContain(secret);
    expect(text).toContain('a=crypto:1 AES_CM_128_HMAC_SHA1_80 …');
    expect(text).toContain('a=sendrecv');
    expect(redact(message('INVITE sip:b@c SIP/2.0', [], sdp))).not.toContain('WVNf');
  });

  test('has no digits that somebody typed and no words that somebody wrote', () => {
    const info = redact(
      message('INFO sip:b@c SIP/2.0', ['Content-Type: application/dtmf-relay'], 'Signal=7\r\nDuration=160\r\n'),
    );
    expect(info).toContain('(a body of application/dtmf-relay)');
    expect(info).not.toContain('Signal');
    expect(redact(message('MESSAGE sip:b@c SIP/2.0', ['c: text/plain'], 'unter uns'))).not.toContain('unter uns');
    const multipart = redact(
      message(
        'INVITE sip:b@c SIP/2.0',
        ['Content-Type: multipart/mixed;boundary=x'],
        '--x\r\n\r\nv=0\r\na=crypto:1 A inline:key',
      ),
    );
    expect(multipart).not.toContain('inline');
  });

  test('has what a fragment of a message says, without its credentials and its body', () => {
    const notify = (body: string) =>
      redact(message('NOTIFY sip:b@c SIP/2.0', ['Content-Type: message/sipfrag;version=2.0'], body));
    expect(notify('SIP/2.0 200 OK\r\n')).toMatch(/\r\n\r\nSIP\/2\.0 200 OK\r\n$/);
    for (const end of ['\r\n', '\n']) {
      const head = ['INVITE sip:b:geheim@c SIP/2.0', 'Authorization: Digest username="ann",', ' response="0011"'];
      const text = notify([...head, 'Max-Forwards: 70', '', 'a=crypto:1 A inline:key'].join(end));
      expect(text).toContain('Authorization: Digest …\r\nMax-Forwards: 70\r\n\r\n(a body within it)');
      for (const secret of ['geheim', 'username', '0011', 'inline']) expect(text).not.toContain(secret);
    }
  });

  test('of bytes that are no message is their number', () => {
    expect(redact(Buffer.from('Authorization: Basic c2VjcmV0'))).toBe('(29 bytes that are no message)');
  });
});

describe('Ladders', () => {
  test('keeps what came and what left, and marks what was sent again', () => {
    const ladders = new Ladders(clock);
    const flow = flowTo('203.0.113.7');
    ladders.received(invite, flow);
    ladders.received(invite, flow);
    ladders.sent(message('SIP/2.0 100 Trying'), flow);
    const call = ladders.find('one@example.org');
    expect(call?.messages.map(({ direction, again }) => [direction, again])).toEqual([
      ['in', false],
      ['in', true],
      ['out', false],
    ]);
  });

  test('finds the Call-ID in its compact form, and keeps nothing of what has none', () => {
    const ladders = new Ladders(clock);
    ladders.received(
      Buffer.from('OPTIONS sip:a@b SIP/2.0\r\ni : two\r\nv: SIP/2.0/UDP x\r\n\r\n'),
      flowTo('203.0.113.7'),
    );
    ladders.received(Buffer.from('\r\n\r\n'), flowTo('203.0.113.7'));
    ladders.received(Buffer.alloc(2_000, 'x'), flowTo('203.0.113.7'));
    expect(ladders.newest(10).map(({ callId }) => callId)).toEqual(['two']);
  });

  test('of too many messages of a call drops the oldest, but not the one that began it', () => {
    const ladders = new Ladders(clock, { calls: 10, messagesPerCall: 4, bytes: 1_000_000 });
    ladders.received(invite, flowTo('203.0.113.7'));
    for (let i = 0; i < 20; i += 1) ladders.sent(message(`SIP/2.0 18${i % 10} Ringing ${i}`), flowTo('203.0.113.7'));
    const call = ladders.find('one@example.org');
    expect(call?.messages).toHaveLength(4);
    expect(call?.messages[0]?.text).toContain('INVITE sip:bob');
    expect(call?.messages.at(-1)?.text).toContain('Ringing 19');
    expect(call?.lost).toBe(17);
  });

  test('never keeps more calls or bytes than it may, and forgets the quietest first', () => {
    const ladders = new Ladders(clock, { calls: 5, messagesPerCall: 256, bytes: 20_000 });
    for (let i = 0; i < 100; i += 1) {
      const text = invite.toString().replace('one@', `call-${i}@`);
      ladders.received(Buffer.from(text), flowTo('203.0.113.7'));
      ladders.received(Buffer.from(invite.toString().replace('one@', 'busy@')), flowTo('203.0.113.7'));
      expect(ladders.stats.calls).toBeLessThanOrEqual(5);
      expect(ladders.stats.bytes).toBeLessThanOrEqual(20_000);
    }
    expect(ladders.find('busy@example.org')).toBeDefined();
    expect(ladders.find('call-0@example.org')).toBeUndefined();
  });
});

describe('a ladder that is drawn', () => {
  test('has a column for each side and an arrow for each message', () => {
    const time = new FakeClock();
    const ladders = new Ladders(time);
    const phone = flowTo('203.0.113.7');
    ladders.received(invite, phone);
    ladders.sent(message('SIP/2.0 100 Trying'), phone);
    time.advance(1_500);
    ladders.sent(message('SIP/2.0 200 OK'), phone);
    ladders.sent(message('SIP/2.0 200 OK'), phone);
    const call = ladders.find('one@example.org');
    const drawn = drawLadder(call === undefined ? [] : [call]);
    const lines = drawn.split('\n');
    expect(lines[0]).toBe('Call one@example.org');
    expect(drawn).toMatch(/203\.0\.113\.7:5060 +Parley/);
    expect(drawn).toMatch(/0\.000 +│─+ INVITE ─*>│/);
    expect(drawn).toMatch(/0\.000 +│<─+ 100 Trying \(INVITE\) ─*│/);
    expect(drawn).toMatch(/1\.500 +│<─+ 200 OK \(INVITE\) again ─*│/);
  });

  test('of two legs puts Parley between them', () => {
    const ladders = new Ladders(new FakeClock());
    ladders.received(invite, flowTo('203.0.113.7'));
    ladders.sent(Buffer.from(invite.toString().replace('one@', 'two@')), flowTo('198.51.100.4'));
    const calls = ['one@example.org', 'two@example.org'].flatMap((id) => ladders.find(id) ?? []);
    expect(drawLadder(calls)).toMatch(/203\.0\.113\.7:5060 +Parley +198\.51\.100\.4:5060/);
  });

  test.each([
    ['203.0.113.7', '198.51.100.4', /203\.0\.113\.7:5060 +Parley +198\.51\.100\.4:5060/],
    ['2001:db8::1234:5678', '2001:db8::1:2:3:4', /A +Parley +B/],
  ])('fits a terminal of 80 columns with the legs to %s and %s', (one, other, heads) => {
    const ladders = new Ladders(new FakeClock());
    ladders.received(invite, flowTo(one));
    ladders.sent(Buffer.from(invite.toString().replace('one@', 'two@')), flowTo(other));
    const refusal = message('SIP/2.0 481 Call/Transaction Does Not Exist');
    for (let at = 0; at < 2; at += 1) ladders.sent(refusal, flowTo(one));
    const calls = ['one@example.org', 'two@example.org'].flatMap((id) => ladders.find(id) ?? []);
    const drawn = drawLadder(calls, { columns: 80 });
    expect(drawn).toMatch(heads);
    expect(drawn).toContain(' 481 (INVITE) ');
    expect(drawn).toContain(' 481 INVITE again ');
    for (const line of drawn.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    if (one.includes(':')) expect(drawn).toMatch(/A is .*2001:db8::1234:5678/);
    expect(drawLadder(calls, { columns: 200 })).toContain('481 Call/Transaction Does Not Exist (INVITE)');
  });

  test('shows nothing that a terminal would obey', () => {
    const ladders = new Ladders(new FakeClock());
    ladders.received(
      Buffer.from('INVITE sip:b@c SIP/2.0\r\nCall-ID: x\r\nSubject: \u001b[2Jgone\r\n\r\n'),
      flowTo('203.0.113.7'),
    );
    const call = ladders.find('x');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(drawLadder(call === undefined ? [] : [call], { full: true })).not.toMatch(/\u001b/);
  });
});
