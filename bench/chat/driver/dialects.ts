// How clients of each server come in and publish.

import { encodeMessage } from '../../../proto/binary.ts';
import { descriptors } from '../../../proto/gen/descriptors.ts';
import type { MethodName } from '../../../proto/gen/types.ts';
import { clientFrame, opcodes } from '../../../test/support/raw-web-socket.ts';
import { idDigits } from './text-id.ts';

export interface Step {
  readonly send?: Buffer;
  /** Whether this message is what the step waits for. @throws {Error} when it refuses. */
  isAnswer(payload: Buffer): boolean;
}

export interface Publication {
  readonly room: string;
  readonly text: string;
  /** Different for each publication of the driver. */
  readonly id: number;
}

export interface Dialect {
  path(room: string): string;
  readonly subprotocol?: string;
  /** What a client does after the upgrade, one after the other. */
  enter(room: string, name: string): readonly Step[];
  publish(publication: Publication): Buffer;
  /** The publication that this message answers. */
  answered(payload: Buffer): { readonly id: number; readonly refused: boolean } | undefined;
}

export type DialectName = 'parley-json' | 'parley-protobuf' | 'socket-io' | 'bare' | 'bare-acks';

/** Ids of publications start here: those below are of other calls. */
const firstId = 1_000;

export function jsonCall(id: number, method: MethodName, params: object): Buffer {
  return clientFrame(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
}

function binaryCall(id: number, method: MethodName, params: object): Buffer {
  const request = encodeMessage(descriptors.methods[method].request, params);
  return clientFrame(encodeMessage('ClientFrame', { id, method, params: request }), opcodes.binary);
}

/** `{"jsonrpc":"2.0","id":` is 22 bytes long, and an event has `"method"` where an answer has `"id"`. */
const idAt = 22;
const i = 0x69;

function readAnswer(payload: Buffer): { id: number; refused: boolean } | undefined {
  if (payload[18] !== i) return undefined;
  let id = 0;
  let at = idAt;
  for (; ; at++) {
    const digit = (payload[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    id = id * 10 + digit;
  }
  // `,"error"` or `,"result"`.
  return { id, refused: payload[at + 2] === 0x65 };
}

const parley = (call: typeof jsonCall): Pick<Dialect, 'path' | 'publish'> => ({
  path: () => '/ws',
  publish: ({ room, text, id }) => call(firstId + id, 'chat.send', { room, clientId: String(id), text }),
});

const parleyJson: Dialect = {
  ...parley(jsonCall),
  subprotocol: 'parley.v1.json',
  enter: (room, name) =>
    [jsonCall(1, 'session.connect', { token: name }), jsonCall(2, 'room.join', { room })].map((send, at) => ({
      send,
      isAnswer: (payload) => {
        const answer = readAnswer(payload);
        if (answer?.refused) throw new Error(`refused: ${payload.toString()}`);
        return answer?.id === at + 1;
      },
    })),
  answered: (payload) => {
    const answer = readAnswer(payload);
    return answer === undefined || answer.id < firstId ? undefined : { ...answer, id: answer.id - firstId };
  },
};

const parleyProtobuf: Dialect = {
  ...parley(binaryCall),
  subprotocol: 'parley.v1.protobuf',
  enter: (room, name) =>
    // Field 1, the id, stands first in an answer and is left out of an event.
    [binaryCall(1, 'session.connect', { token: name }), binaryCall(2, 'room.join', { room })].map((send, at) => ({
      send,
      isAnswer: (payload) => payload[0] === 8 && payload[1] === at + 1,
    })),
  answered: () => undefined,
};

const socketIo: Dialect = {
  path: () => '/socket.io/?EIO=4&transport=websocket',
  enter: (room) => [
    { isAnswer: (payload) => payload[0] === 0x30 },
    { send: clientFrame('40'), isAnswer: (payload) => payload.toString('latin1', 0, 2) === '40' },
    {
      send: clientFrame(`420${JSON.stringify(['join', room])}`),
      isAnswer: (payload) => payload.toString('latin1', 0, 3) === '430',
    },
  ],
  publish: ({ room, text }) => clientFrame(`42${JSON.stringify(['m', room, text])}`),
  answered: () => undefined,
};

const bare: Dialect = {
  path: (room) => `/${room}`,
  enter: () => [],
  publish: ({ text }) => clientFrame(text),
  answered: () => undefined,
};

/** A text is answered with its head: `|` and the id. */
const bareAcks: Dialect = {
  ...bare,
  path: (room) => `/${room}`,
  answered: (payload) =>
    payload.length === 1 + idDigits ? { id: Number(payload.toString('latin1', 1)), refused: false } : undefined,
};

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'parley-json': parleyJson,
  'parley-protobuf': parleyProtobuf,
  'socket-io': socketIo,
  bare,
  'bare-acks': bareAcks,
};
