import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../proto/gen/types.ts';
import { messageContent, messageRecord } from '../../test/snapshots.ts';
import { RoomLogView } from './room-log-view.ts';

function change(seq: number, kind: LogRecord['kind'], targetId: string, rest: Partial<LogRecord> = {}): LogRecord {
  const { message: _, ...record } = messageRecord(seq);
  return { ...record, kind, targetId, ...rest };
}

const message = (view: RoomLogView, place = 0) => view.records[place]?.message;

describe('a view of a log', () => {
  it('holds messages as they are now, and what changed them', () => {
    const view = new RoomLogView();
    view.append([messageRecord(1), messageRecord(2)]);
    const before = view.records;
    view.append([change(3, 'edited', 'm1', { text: 'better', atMs: 30 })]);
    view.append([change(4, 'reaction', 'm1', { reaction: { emoji: '👍', on: true }, identity: 'ada' })]);
    view.append([change(5, 'reaction', 'm1', { reaction: { emoji: '👍', on: true }, identity: 'bob' })]);
    expect(message(view)).toEqual(
      messageContent('better', {
        editedAtMs: 30,
        changedSeq: 5,
        reactions: [{ emoji: '👍', identities: ['ada', 'bob'] }],
      }),
    );
    expect(view.records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    // Whoever compares arrays sees that it is another one.
    expect(before).toHaveLength(2);
  });

  it('a reaction that is taken back is gone, with its emoji when it was the last', () => {
    const view = new RoomLogView();
    view.append([messageRecord(1)]);
    for (const [seq, on] of [
      [2, true],
      [3, true],
      [4, false],
    ] as const) {
      view.append([change(seq, 'reaction', 'm1', { reaction: { emoji: '👍', on } })]);
    }
    expect(message(view)?.reactions).toEqual([]);
  });

  it('the text of a deleted message is nowhere', () => {
    const view = new RoomLogView();
    view.append([messageRecord(1), change(2, 'edited', 'm1', { text: 'secret' })]);
    view.append([change(3, 'deleted', 'm1', { identity: 'mod' })]);
    expect(message(view)).toMatchObject({ text: '', deletedBy: 'mod', changedSeq: 3 });
    expect(JSON.stringify(view.records)).not.toMatch(/secret|text 1/);
  });

  it('the text of an edit is kept until the next one, also where its message is not loaded', () => {
    const view = new RoomLogView();
    view.append([change(11, 'edited', 'm1', { text: 'first' }), change(12, 'edited', 'm2', { text: 'other' })]);
    view.append([change(13, 'edited', 'm1', { text: 'second' })]);
    expect(view.records.map(({ text }) => text)).toEqual([undefined, 'other', 'second']);
    view.append([change(14, 'deleted', 'm1')]);
    expect(view.records.map(({ text }) => text)).toEqual([undefined, 'other', undefined, undefined]);
    view.prepend([
      messageRecord(2),
      change(9, 'edited', 'm0', { text: 'older' }),
      change(10, 'edited', 'm0', { text: 'newer' }),
    ]);
    expect(view.records.slice(1, 3).map(({ text }) => text)).toEqual([undefined, 'newer']);
    expect(message(view)?.text).toBe('other');
  });

  it('a change that a message has already is not made again', () => {
    const view = new RoomLogView();
    view.append([messageRecord(1, { message: messageContent('newest', { changedSeq: 3 }) })]);
    view.append([change(2, 'edited', 'm1', { text: 'older' }), change(3, 'edited', 'm1', { text: 'newest' })]);
    expect(message(view)).toMatchObject({ text: 'newest', changedSeq: 3 });
  });

  it('an older page that was read before a change gets it', () => {
    const view = new RoomLogView();
    view.append([change(3, 'edited', 'm1', { text: 'better' })]);
    view.prepend([messageRecord(1), messageRecord(2)]);
    expect(message(view)?.text).toBe('better');
  });

  it('drops the oldest beyond its limit', () => {
    const view = new RoomLogView(3);
    view.append([messageRecord(1), messageRecord(2)]);
    expect(view.append([messageRecord(3), messageRecord(4), messageRecord(5)])).toBe(2);
    expect(view.records.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect(view.isFull).toBe(true);
  });
});
