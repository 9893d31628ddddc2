import { describe, expect, test } from 'vitest';
import { parseReplaces } from '../messages/parse-replaces.ts';
import { calling } from './testing/established.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

describe('findDialog()', () => {
  test('finds the call that an INVITE wants to replace, by the rules of RFC 3891', async () => {
    const { s, session } = await calling();
    const { callId, localTag, remoteTag } = session.dialog!;
    const replaces = parseReplaces(`${callId};to-tag=${localTag};from-tag=${remoteTag}`)!;
    expect(s.us.agent.findDialog(replaces)).toMatchObject({ session });
    expect(s.us.agent.findDialog({ ...replaces, earlyOnly: true })).toBe(486);
    expect(s.us.agent.findDialog({ ...replaces, toTag: remoteTag, fromTag: localTag })).toBe(481);
    session.end('APPLICATION_GONE');
    expect(s.us.agent.findDialog(replaces)).toBe(481);
    // One that rings here cannot be picked up; one that we ring at can.
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 180);
    const ringing = s.us.last('INVITE').session!.dialog!;
    const early = { callId: ringing.callId, toTag: ringing.localTag, fromTag: ringing.remoteTag, earlyOnly: true };
    expect(s.us.agent.findDialog(early)).toBe(481);
    s.us.respond('INVITE', 486);
    expect(await s.left()).toEqual(nothing());
  });
});

const field = (callId: string, toTag: string, fromTag: string, more = '') =>
  [['Replaces', `${callId};to-tag=${toTag};from-tag=${fromTag}${more}`]] as const;

describe('an INVITE with Replaces', () => {
  test('is told of when there is something that it may take the place of', async () => {
    const { s, session } = await calling();
    const { callId, localTag, remoteTag } = session.dialog!;
    await s.say(s.phone.make('INVITE', [...field(callId, localTag, remoteTag), ['Require', 'replaces']], offer));
    expect([s.phone.take(), s.us.told()]).toEqual([[], ['INVITE']]);
    s.us.respond('INVITE', 200, [], offer);
    session.end('APPLICATION_GONE');
    s.us.last('INVITE').session!.end('SHUTDOWN');
    expect(await s.left()).toEqual(nothing());
  });

  test('is refused when it means nothing, what only rings here, or cannot be read', async () => {
    const { s, session } = await calling();
    const { callId, localTag, remoteTag } = session.dialog!;
    const said = async (fields: readonly (readonly [string, string])[]) => {
      await s.say(s.phone.make('INVITE', fields, offer));
      return s.phone.take();
    };
    const twice = s.phone.make('INVITE', field(callId, localTag, remoteTag), offer);
    twice.headers.add('Replaces', twice.headers.get('Replaces') ?? '');
    await s.say(twice);
    expect(s.phone.take()).toEqual(['400']);
    expect(await said(field(callId, localTag, remoteTag, ';early-only'))).toEqual(['486']);
    expect(await said(field(callId, remoteTag, localTag))).toEqual(['481']);
    expect(await said(field('nobody', '0', '0'))).toEqual(['481']);
    expect(await said([['Replaces', callId]])).toEqual(['400']);
    expect(s.us.told()).toEqual([]);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('takes the place of a call of ours that rings, early-only or not', async () => {
    const s = await withPhone();
    const session = s.us.call('sip:phone@192.0.2.9');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('INVITE'), 180));
    const { callId, localTag, remoteTag } = session.dialog!;
    for (const more of ['', ';early-only']) {
      await s.say(s.phone.make('INVITE', field(callId, localTag, remoteTag, more), offer));
      s.us.respond('INVITE', 486);
      await s.pass();
    }
    expect(s.phone.take()).toEqual(['INVITE', '486', '486']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('of an agent of RFC 2543, which has no tag, writes it as 0', async () => {
    const s = await withPhone();
    const invite = s.phone.make('INVITE', [['From', '<sip:old@peer.example>']], offer);
    await s.say(invite);
    s.us.respond('INVITE', 200, [], offer);
    await s.pass();
    const { callId, localTag } = s.us.last('INVITE').session!.dialog!;
    const known = s.us.agent.findDialog({ callId, toTag: localTag, fromTag: '0', earlyOnly: false });
    expect(known).toMatchObject({ session: { callId } });
    s.us.last('INVITE').session!.end('SHUTDOWN');
    expect(await s.left()).toEqual(nothing());
  });
});
