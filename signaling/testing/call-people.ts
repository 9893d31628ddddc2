// People who call each other, for tests of calls.

import type { CallInfo, CallLeg, CallTarget } from '../../proto/gen/types.ts';
import type { PhonePeer, PhonePeerEvents } from '../phones/phone-desk.ts';
import type { GrantName } from '../token-verifier.ts';
import { logOf } from './log-of.ts';
import { memberGrants } from './memory-verifier.ts';
import type { TestClient, TestSignaling } from './start-signaling.ts';

export const mayCall: readonly GrantName[] = [...memberGrants, 'call', 'call:number'];

/** Signed in, and may call. */
export const signIn = (t: TestSignaling, identity: string): Promise<TestClient> =>
  t.connect({ identity, name: identity.toUpperCase(), can: mayCall });

/** Signed in with a token that is for no room at all. */
export const signInNowhere = (t: TestSignaling, identity: string): Promise<TestClient> =>
  t.connect({ identity, room: 'nowhere', can: memberGrants });

export async function startCall(t: TestSignaling, caller: TestClient, ...to: Partial<CallTarget>[]): Promise<CallInfo> {
  const call = await caller.call('call.start', { to });
  await settle(t);
  return call;
}

/** Who calls comes into the room, as everybody does who answers. */
export async function enter(t: TestSignaling, client: TestClient, call: CallInfo): Promise<void> {
  await client.call('room.join', { room: call.room });
  await settle(t);
}

/** A call of two browsers. */
export async function callBetween(
  t: TestSignaling,
  caller: TestClient,
  callee: TestClient,
  name: string,
): Promise<CallInfo> {
  const call = await startCall(t, caller, { user: name });
  await enter(t, caller, call);
  await callee.call('call.accept', { callId: call.callId });
  await enter(t, callee, call);
  return lastOf(caller);
}

/** What is to be told, written and rung has been. */
export async function settle(t: TestSignaling): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await t.turns.end();
}

/** The newest that a client was told of its call. */
export function lastOf({ link }: TestClient): CallInfo {
  const { call } = link.of('callChanged').at(-1) ?? {};
  if (call === undefined) throw new Error('the client was told of no call');
  return call;
}

export function endOf({ link }: TestClient): string | undefined {
  return link.of('callEnded').at(-1)?.reason;
}

export function legOf({ legs }: CallInfo, identity: string): CallLeg {
  const leg = legs.findLast((one) => one.identity === identity);
  if (leg === undefined) throw new Error(`the call has no leg of ${identity}`);
  return leg;
}

/** A browser that has called a number, which has answered. */
export async function callNumber(
  t: TestSignaling,
  ada: TestClient,
  number = '+4930123',
): Promise<[CallInfo, PhonePeer]> {
  const call = await startCall(t, ada, { number });
  await enter(t, ada, call);
  t.telephony.last.rings();
  const phone = await t.telephony.last.answers(t.signaling.phoneDesk, { number, trunk: 'city', name: 'Cab firm' });
  if (phone === undefined) throw new Error('it was too late');
  await settle(t);
  return [call, phone];
}

/** What a phone was told, in order. */
export function listen(phone: PhonePeer): object[] {
  const told: object[] = [];
  const names: (keyof PhonePeerEvents)[] = [
    'holdWanted',
    'muteWanted',
    'digitsWanted',
    'volumeWanted',
    'unmuteRequested',
  ];
  for (const name of [...names, 'mutedByModerator', 'handLowered', 'moved', 'left'] as const) {
    phone.events.on(name, (payload) => told.push({ [name]: payload }));
  }
  return told;
}

export const stepsOf = async (t: TestSignaling, { room }: CallInfo) =>
  (await logOf(t, room)).flatMap(({ call }) => (call ? [call.step] : []));
