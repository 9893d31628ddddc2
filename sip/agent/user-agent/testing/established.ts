import { offer, withPhone } from './stage.ts';

type Fields = readonly (readonly [string, string])[];

/** A call that came and was accepted; what was said of it is forgotten. */
export async function answered(fields: Fields = [], options: Parameters<typeof withPhone>[0] = {}) {
  const s = await withPhone(options);
  await s.say(s.phone.make('INVITE', fields, offer));
  s.us.respond('INVITE', 200, [], offer);
  await s.pass();
  const ok = s.phone.response(200);
  await s.say(s.phone.within(ok, 'ACK'));
  const { session } = s.us.last('INVITE');
  if (session === undefined) throw new Error('no call was made');
  s.phone.take();
  s.us.told();
  return { s, ok, session };
}

/** A call of ours that was accepted; what was said of it is forgotten. `fields` are of its 2xx. */
export async function calling(fields: Fields = [], options: Parameters<typeof withPhone>[0] = {}) {
  const s = await withPhone(options);
  const session = s.us.call('sip:phone@192.0.2.9');
  await s.pass();
  const ok = s.phone.answer(s.phone.request('INVITE'), 200, fields, { body: offer });
  await s.say(ok);
  s.us.acknowledge(session);
  await s.pass();
  s.phone.take();
  s.us.told();
  return { s, session, ok };
}
