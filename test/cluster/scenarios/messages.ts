import { expect } from 'vitest';
import { TestSocket } from '../../support/rpc-client.ts';
import { type Scenario, soon } from './scenario.ts';

const numbered = (author: string, count: number) => Array.from({ length: count }, (_, at) => `${author} ${at}`);

export const messageScenarios: readonly Scenario[] = [
  [
    'what all write at once comes to all once, and in one order',
    async ({ people, room }) => {
      const all = [await people.enter('ada', room), await people.enter('bob', room), await people.enter('eve', room)];
      const sent = all.map((one) => numbered(one.identity, 10).map((text) => one.room.chat.send(text).sent));
      const receipts = (await Promise.all(sent.flat())).map(({ seq }) => seq);
      expect(new Set(receipts).size).toBe(30);
      for (const one of all) {
        await soon(() => one.texts.length >= 30, `${one.identity} has read everything`);
        expect(one.texts).toEqual(all[0]?.texts);
        expect(one.gaps).toEqual([]);
        const own = one.texts.filter((text) => text.startsWith(one.identity));
        expect(own).toEqual(numbered(one.identity, 10));
        const seqs = one.records.map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
      }
    },
  ],
  [
    'what is sent while the connection is cut again and again is there once, in order',
    async ({ people, room }) => {
      const bob = await people.enter('bob', room);
      const ada = await people.enter('ada', room);
      const sent = [];
      for (const [at, text] of numbered('ada', 20).entries()) {
        sent.push(ada.room.chat.send(text).sent);
        if (at % 5 !== 2) continue;
        await soon(() => ada.client.state === 'connected', 'ada is connected');
        ada.place += 1;
        ada.cut();
      }
      await Promise.all(sent);
      await soon(() => bob.texts.length >= 20, 'bob has read everything');
      expect(bob.texts).toEqual(numbered('ada', 20));
      expect(bob.gaps).toEqual([]);
      await soon(() => ada.texts.length >= 20, 'and so has ada');
      expect(ada.texts).toEqual(bob.texts);
    },
  ],
  [
    'the same client id gets the same receipt at every node, and another content is refused',
    async ({ people, servers, room }) => {
      const bob = await people.enter('bob', room);
      const send = async (place: number, text: string) => {
        const socket = await new TestSocket(servers.node(place).wsUrl, ['parley.v1.json']).opened();
        await socket.call(1, 'session.connect', { token: servers.node(0).issueToken({ identity: 'ada' }) });
        await socket.call(2, 'room.join', { room });
        const answer = await socket.call(3, 'chat.send', { room, clientId: 'one-and-the-same', text });
        await socket.close();
        return answer;
      };
      const first = await send(0, 'hello');
      const again = await send(1, 'hello');
      expect(again.error).toBeUndefined();
      expect(again.result).toMatchObject({ seq: first.result?.['seq'], messageId: first.result?.['messageId'] });
      expect((await send(2, 'something else')).error?.data.reason).toBe('CLIENT_ID_CONFLICT');
      await bob.room.chat.send('end').sent;
      await soon(() => bob.texts.includes('end'), 'bob has read everything');
      expect(bob.texts).toEqual(['hello', 'end']);
    },
  ],
  [
    'plain chat and the SDK read each other',
    async ({ people, servers, room }) => {
      const bob = await people.enter('bob', room);
      const token = servers.node(1).issueToken({ identity: 'ada' });
      const plain = await new TestSocket(`${servers.node(1).chatUrl}?room=${room}&access_token=${token}`).opened();
      const received = () => plain.received as { type: string; content?: string; user?: string }[];
      await soon(() => bob.told.includes('+ada'), 'bob sees ada');
      plain.send({ type: 'message', content: 'by hand' });
      await soon(() => bob.texts.includes('by hand'), 'bob reads ada');
      await bob.room.chat.send('by the SDK').sent;
      await soon(() => received().some(({ content }) => content === 'by the SDK'), 'ada reads bob');
      await plain.close();
      await soon(() => bob.told.includes('-ada'), 'bob sees that ada left');
    },
  ],
];
