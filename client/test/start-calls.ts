// Calls of a client, against a server whose answers a test writes.

import { eventually } from '../../test/support/eventually.ts';
import type { Call, CallsEvents } from '../src/index.ts';
import { callLeg, incomingCall, outgoingCall } from './call-infos.ts';
import { createFakeDevice } from './fake-device.ts';
import { createMediaAnswers } from './media-answers.ts';
import { type Answers, connectResponse, type ScriptedConnection, startScriptedServer } from './scripted-server.ts';
import { roomSnapshot } from './snapshots.ts';
import { createTestClient } from './test-client.ts';

/** A client that has to do with calls, and a server that answers as a test says. */
export async function startCalls(answers: Answers = {}) {
  const server = await startScriptedServer({
    ...createMediaAnswers(),
    'session.connect': ({ resume }) => connectResponse({ resumed: resume !== undefined }),
    'room.join': ({ room }) => roomSnapshot({ room }),
    'call.current': () => ({ calls: [] }),
    'call.list': () => ({ calls: [], nextPageToken: '' }),
    'call.start': () => outgoingCall(),
    'call.accept': () => incomingCall({ state: 'accepted', legs: [callLeg('ben'), callLeg('ada')] }),
    ...answers,
  });
  const test = createTestClient({ server, device: createFakeDevice });
  const told: { [Name in keyof CallsEvents]: CallsEvents[Name][] } = {
    incoming: [],
    found: [],
    changed: [],
    ended: [],
  };
  const { calls } = test.client;
  calls.on('incoming', (call) => told.incoming.push(call));
  calls.on('found', (call) => told.found.push(call));
  calls.on('changed', (call) => told.changed.push(call));
  calls.on('ended', (ended) => told.ended.push(ended));
  await test.client.connect();
  return {
    server,
    told,
    calls,
    client: test.client,
    get connection() {
      return server.connections.at(-1) as ScriptedConnection;
    },
    async ring(): Promise<Call> {
      this.connection.event('callIncoming', { call: incomingCall(), legId: 'ada', ringsUntilMs: 5_000 });
      return eventually(() => told.incoming[0], 'a call that comes in');
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

export const answered = { state: 'accepted', answeredAtMs: 2 } as const;
