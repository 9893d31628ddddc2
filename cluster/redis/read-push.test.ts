import { describe, expect, test } from 'vitest';
import type { MessageId } from '../../core/ids.ts';
import { newRecord } from '../contract/room.contract.ts';
import { packAppends } from './pack-appends.ts';
import { readPublished } from './read-push.ts';

const bodyOf = (sender: string) =>
  packAppends([newRecord('r', { sender, messageId: 'm_1' as MessageId })], false)[0]!.args[7]!;
const lengthOf = (text: string) => Buffer.byteLength(text);

describe('what is published to the channel of a room', () => {
  test('is a push, with bodies and facts behind the lengths of each', () => {
    const [one, two, facts] = [bodyOf('zoë'), bodyOf('ann'), '{"ä":null}'];
    const lengths = `${lengthOf(one)}:${lengthOf(facts)} ${lengthOf(two)}`;
    const message = Buffer.from(`1 l node~1\nepoch\n7\nm_before\n${lengths}\n${one}${facts}${two}`);
    const published = readPublished('r', message);
    if (!published || !('pushed' in published)) throw new Error('no push');
    const { records, ...push } = published.pushed;
    expect(push).toEqual({
      room: 'r',
      epoch: 'epoch',
      firstSeq: 7,
      count: 2,
      previousId: 'm_before',
      origin: 'node~1',
      bytes: message.length,
    });
    expect(records()).toMatchObject([
      { seq: 7, messageId: 'm_1', sender: 'zoë', facts: { ä: null } },
      { seq: 8, sender: 'ann' },
    ]);
    expect(records()[1]).not.toHaveProperty('facts');
  });

  test('is a trim, with the epoch, the oldest record and the id of the one before', () => {
    expect(readPublished('r', Buffer.from('1 t epoch\n8\nm_7'))).toEqual({
      trimmed: { epoch: 'epoch', firstSeq: 8, trimmedMessageId: 'm_7' },
    });
  });

  test('frames, changes of the owner, and what is cut short or not of ours are nothing', () => {
    const body = bodyOf('ann');
    const whole = Buffer.from(`1 l node~1\nepoch\n7\nm_before\n${lengthOf(body)}\n${body}`);
    expect(readPublished('r', whole)).toBeDefined();
    for (let end = 0; end < whole.length; end++) expect(readPublished('r', whole.subarray(0, end))).toBeUndefined();
    for (const text of [
      '1 f frame',
      '1 o {}',
      '2 l a\nb\n1\nc\n0\n',
      '1 t epoch',
      '1 t epoch\nno\nm_7',
      '1 l a\nb\nno\nc\n0\n',
      '1 l a\nb\n1\nc\nx\n',
    ]) {
      expect(readPublished('r', Buffer.from(text)), text).toBeUndefined();
    }
  });
});
