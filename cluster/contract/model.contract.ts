import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageId } from '../../core/ids.ts';
import type { NewRecord } from '../room-log.ts';
import { ContractRoom, change, newRecord, type OpenLog, randomRoom } from './room.contract.ts';

interface Message {
  readonly id: MessageId;
  readonly seq: number;
  payload: string;
  erased: boolean;
  marks: string[];
}
/** All that a log is, in a few lines. */
interface Model {
  readonly messages: Message[];
  readonly answers: Map<string, { hash: string; seq: number }>;
  head: number;
}

const step = fc.oneof(
  fc.record({ do: fc.constant('message' as const), room: fc.nat(1), client: fc.nat(4), hash: fc.nat(1) }),
  fc.record({ do: fc.constantFrom('replace' as const, 'erase' as const), room: fc.nat(1), target: fc.nat(6) }),
  fc.record({
    do: fc.constantFrom('mark' as const, 'unmark' as const),
    room: fc.nat(1),
    target: fc.nat(6),
    key: fc.nat(2),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
const maxKeys = 2;

export function describeModel(open: OpenLog): void {
  describe('any batches of appends and amendments', () => {
    test('leave what a simple model says', async () => {
      const log = await ContractRoom.open(open);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(step, { maxLength: 8 }), { maxLength: 5 }), async (batches) => {
          const rooms = [randomRoom(), randomRoom()].map((name) => ({ name, model: emptyModel() }));
          for (const batch of batches) {
            const expected: string[] = [];
            const records = batch.map((it) => {
              const { name, model } = rooms[it.room]!;
              const record = toRecord(name, model, it);
              expected.push(apply(model, it, record));
              return record;
            });
            const results = await log.log.append(records);
            expect(
              results.map((it) => ('seq' in it ? `${it.seq} ${it.duplicate}` : 'why' in it ? it.why : it.outcome)),
            ).toEqual(expected);
          }
          for (const { name, model } of rooms) {
            const { records, head } = await log.read({ room: name });
            expect(head.seq).toBe(model.head);
            expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: model.head }, (_, at) => at + 1));
            const messages = records.filter(({ kind }) => kind === 'message');
            expect(messages.map((it) => [it.seq, it.messageId, it.payload, it.erased, Object.keys(it.marks)])).toEqual(
              model.messages.map((it) => [it.seq, it.id, it.payload, it.erased, it.marks]),
            );
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}

const emptyModel = (): Model => ({ messages: [], answers: new Map(), head: 0 });

function toRecord(room: string, model: Model, it: Step): NewRecord {
  if (it.do === 'message') return newRecord(room, { clientId: `c${it.client}`, contentHash: `h${it.hash}` });
  const target = model.messages[it.target]?.id ?? 'm_missing';
  if ('key' in it) return change(room, { kind: it.do, target, key: `k${it.key}`, member: 'ann', maxKeys });
  if (it.do === 'erase') return change(room, { kind: 'erase', target, payload: 'erased' });
  return change(room, { kind: 'replace', target, payload: 'replaced', searchText: 'replaced' });
}

/** The answer, as a text. */
function apply(model: Model, it: Step, record: NewRecord): string {
  if (it.do === 'message') {
    const earlier = model.answers.get(record.clientId);
    if (earlier) return earlier.hash === '' || earlier.hash === record.contentHash ? `${earlier.seq} true` : 'conflict';
    const seq = ++model.head;
    model.answers.set(record.clientId, { hash: record.contentHash, seq });
    model.messages.push({ id: record.messageId, seq, payload: record.payload, erased: false, marks: [] });
    return `${seq} false`;
  }
  const message = model.messages[it.target];
  if (!message) return 'target-missing';
  if (message.erased) return 'target-erased';
  if (it.do === 'replace') message.payload = 'replaced';
  else if (it.do !== 'mark' && it.do !== 'unmark') {
    Object.assign(message, { payload: 'erased', erased: true, marks: [] });
    for (const answer of model.answers.values()) if (answer.seq === message.seq) answer.hash = '';
  } else {
    const key = `k${it.key}`;
    const has = message.marks.includes(key);
    if (it.do === 'mark' && !has) {
      if (message.marks.length === maxKeys) return 'too-many-marks';
      message.marks.push(key);
    } else if (it.do === 'unmark') message.marks = message.marks.filter((other) => other !== key);
  }
  return `${++model.head} false`;
}
