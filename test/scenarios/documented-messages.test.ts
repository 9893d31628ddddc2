// The messages of docs/clients/flutter.md, as they stand there, sent to a server.

import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { PublishResponse, SdpOffered } from '../../proto/gen/types.ts';
import { requireOrSkip } from '../support/require.ts';
import { TestSocket } from '../support/rpc-client.ts';
import { answerTo } from '../support/sdp-answers.ts';
import { SdpCaller } from '../support/sdp-client.ts';
import { sampleOffer } from '../support/sdp-samples.ts';
import { startServer } from '../support/start-server.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('docs/clients/flutter.md', () => {
  test('has messages that a server takes, in their order', async () => {
    const page = await readFile(new URL('../../docs/clients/flutter.md', import.meta.url), 'utf8');
    const messages = [...page.matchAll(/```json\n(.*)\n```/g)].map(([, text = '']) => text);
    expect(messages).toHaveLength(7);

    await using server = await startServer();
    using other = await SdpCaller.join(server, 'standup', { identity: 'other' });
    await other.call('sdp.publish', { offer: sampleOffer('firefox-153-publish') });
    const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
    const values = new Map([
      ['<token>', server.issueToken({ identity: 'flutter', room: 'standup' })],
      ['<offer>', sampleOffer('chromium-156-both-and-data')],
    ]);
    for (const text of messages) {
      const message = JSON.parse(text, (_, value) => values.get(value) ?? value);
      const answer = await socket.call(message.id, message.method, message.params);
      expect([message.method, answer.error]).toEqual([message.method, undefined]);
      const { sessionId, offer, tracks } = (answer.result ?? {}) as Partial<PublishResponse & SdpOffered>;
      if (message.method === 'sdp.publish') values.set('<sending>', sessionId ?? '');
      if (message.method === 'sdp.subscribe') values.set('<consumer>', tracks?.[0]?.consumerId ?? '');
      if (sessionId !== undefined) values.set('<session>', sessionId);
      if (offer !== undefined) values.set('<answer>', answerTo(offer));
    }
    socket.ws.terminate();
  });
});
