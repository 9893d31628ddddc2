import { expect, test } from 'vitest';
import { openFacade } from './testing/open-facade.ts';
import { transactionOf } from './testing/raw-app.ts';
import { fieldOf } from './testing/udp-peer.ts';

test.each([
  ['that expired', ['Expires: 20'], '487', 'Invitation expired'],
  ['whose answer nobody acknowledged', ['Require: 100rel'], '504', 'Provisional answer not acknowledged'],
])(
  'an application is told by a CANCEL of a call %s, and of its end in the call records',
  async (_which, more, status, text) => {
    const opened = await openFacade();
    const [app, peer] = [await opened.app('invite', 'cdr:stop'), await opened.peer()];
    peer.request('INVITE', { call: 'rings', more });
    const id = transactionOf(await app.next('INVITE sip:'));
    await app.ask(`sip|${id}|\r\nSIP/2.0 183 Session Progress\r\n\r\n`);
    await peer.next('SIP/2.0 183');
    opened.clock.advance(32_001);
    await peer.next(`SIP/2.0 ${status}`);
    const cancel = await app.next('CANCEL sip:');
    expect(cancel.split('|').slice(1, 3)).toEqual(['sip', 'network']);
    expect(transactionOf(cancel)).toBe(id);
    expect(fieldOf(cancel, 'Call-ID')).toBe('rings');
    expect(fieldOf(cancel, 'Reason')).toContain(text);
    const stop = await app.next('|cdr:stop|');
    expect(stop).toContain(`|application|`);
    expect(stop).toContain(`SIP/2.0 ${status}`);
    expect(await app.ask(`sip|${id}|\r\nSIP/2.0 200 OK\r\n\r\n`)).toMatch(/^NOK\|.*unknown transaction$/);
    peer.request('ACK', { call: 'rings' });
    await opened.nothingLeft();
  },
);
