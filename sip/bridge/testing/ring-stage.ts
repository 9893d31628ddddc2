// A bridge that rings people, and what it tells of it.

import { expect } from 'vitest';
import type { RingFailure, RingRequest } from '../../../signaling/calls/telephony.ts';
import type { PhoneJoin } from '../../../signaling/phones/phone-desk.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { IncomingCall } from '../../drachtio/incoming-call.ts';
import { openBridge, openPhone } from './bridge-stage.ts';
import { roomOf } from './memory-phone-desk.ts';

const plan = `
realm: example.org
users:
  - { identity: ann, password: secret, numbers: ['100'] }
  - { identity: ben, password: secret, numbers: ['101'] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:5999'] } }
rules:
  - { name: room, when: { called: '800' }, room: lobby }
  - { name: never, when: { calledPrefix: '+1900' }, reject: 403 }
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;

/** Cy calls. */
export const request: RingRequest = {
  callId: 'call-7',
  legId: 'leg-1',
  from: { identity: 'cy', name: 'Cy "the" Caller', number: '' },
  onBehalfOf: 'cy',
  ringMs: 45_000,
};
/** Where whoever answers goes. */
export const join: PhoneJoin = {
  room: roomOf('call-7'),
  identity: 'ben',
  name: 'Ben',
  number: '101',
  trunk: '',
  callId: 'call-7',
};

/** A bridge that rings as a test says, and writes down what it tells of that. */
export async function openRinging() {
  const server = await openBridge(plan);
  const phones: Awaited<ReturnType<typeof openPhone>>[] = [];
  return {
    ...server,
    /** A phone, not registered yet. */
    async phone(name: string, answer?: (call: IncomingCall) => void) {
      const phone = await openPhone(name, answer);
      phones.push(phone);
      return phone;
    },
    ring(
      target: Parameters<typeof server.bridge.telephony.ring>[0],
      answers: PhoneJoin | undefined = join,
      wanted: RingRequest = request,
    ) {
      const told: string[] = [];
      const ringing = server.bridge.telephony.ring(target, wanted, {
        ringing: () => void told.push('ringing'),
        early: () => undefined,
        answered: async ({ number, trunk }) => {
          told.push(`answered ${number} ${trunk}`.trim());
          return answers;
        },
        failed: (failure: RingFailure) => void told.push(failure),
      });
      expect(told).toEqual([]);
      return { told, ringing };
    },
    async nothingLeft() {
      await server.nothingLeft();
      for (const { facade } of phones) await facade.nothingLeft();
    },
  };
}

/** What is told once it does not ring any more. */
export const last = (told: readonly string[]) =>
  eventually(() => told.find((word) => word !== 'ringing'), 'how it ends');
