import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Head, LogPush, NewRecord } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import { createMessageId, type MessageId } from '../../core/ids.ts';
import type { Receipt } from '../../proto/gen/types.ts';
import { Sequencer, type Settled } from './sequencer.ts';

/** The log as the store has it: who appended which record, in calls of some records. */
interface Call {
  readonly isHere: boolean;
  readonly firstSeq: number;
  readonly ids: readonly MessageId[];
  readonly previousId: string;
}

const epoch = 'e1';
const start: Head = { epoch, seq: 0, messageId: '', firstSeq: 1, trimmedMessageId: '' };
const entry = { kind: 'message', content: {} } as const;

function createCalls(sizes: readonly { readonly isHere: boolean; readonly count: number }[]): Call[] {
  let seq = 0;
  let previousId = '';
  return sizes.map(({ isHere, count }) => {
    const ids = Array.from({ length: count }, createMessageId);
    const call = { isHere, firstSeq: seq + 1, ids, previousId };
    seq += count;
    previousId = ids.at(-1) ?? previousId;
    return call;
  });
}

const toPush = ({ isHere, firstSeq, ids, previousId }: Call, of = epoch): LogPush => ({
  room: 'standup',
  epoch: of,
  firstSeq,
  count: ids.length,
  previousId,
  origin: isHere ? 'here' : 'there',
  bytes: 10,
  records: () =>
    ids.map((messageId, at) => ({
      seq: firstSeq + at,
      messageId,
      kind: 'message',
      sender: 'ada',
      clientId: '',
      atMs: 0,
      payload: '{"message":{"text":"hi"}}',
      threadId: '',
    })),
});

function newRecord(messageId: MessageId): NewRecord {
  const texts = { kind: 'message', sender: 'ada', clientId: '', contentHash: '', payload: '{}', searchText: '' };
  return { room: 'standup', messageId, ...texts, atMs: 0, mentions: [], threadId: '' };
}

interface Answered {
  readonly receipts: Receipt[];
  readonly refused: string[];
}

function toAnswers(call: Call, answered: Answered, of = epoch): Settled[] {
  return call.ids.map((messageId, at) => ({
    record: newRecord(messageId),
    context: {
      entry,
      resolve: (receipt) => answered.receipts.push(receipt),
      reject: ({ reason }) => answered.refused.push(reason),
    },
    outcome: {
      outcome: 'appended',
      epoch: of,
      seq: call.firstSeq + at,
      messageId,
      atMs: 0,
      duplicate: false,
      previousId: at === 0 ? call.previousId : (call.ids[at - 1] ?? ''),
    },
  }));
}

const createSequencer = (awaitsAnswers = () => false) =>
  new Sequencer({
    awaitsAnswers,
    head: start,
    facts: {},
    newest: [],
    durability: () => 'disk',
    isHere: (origin) => origin === 'here',
  });

function answer(sequencer: Sequencer, answers: readonly Settled[]): void {
  for (const one of answers) sequencer.answered(one);
}

describe('a sequencer', () => {
  test('tells each record once and in order, however answers and pushes come, are lost or come twice', () => {
    const calls = fc
      .array(fc.record({ isHere: fc.boolean(), count: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 8 })
      .map(createCalls);
    const arrivals = fc.array(fc.record({ rank: fc.nat(1_000), fate: fc.constantFrom('once', 'twice', 'lost') }), {
      minLength: 8,
      maxLength: 8,
    });
    const property = fc.property(
      calls,
      arrivals,
      fc.array(fc.nat(1_000), { maxLength: 8 }),
      (calls, arrivals, answers) => {
        const mine = calls.reduce((sum, { isHere, ids }) => sum + (isHere ? ids.length : 0), 0);
        let given = 0;
        const sequencer = createSequencer(() => given < mine);
        const answered: Answered = { receipts: [], refused: [] };
        const told: string[] = [];
        const elsewhere: string[] = [];
        const take = () => {
          const { fresh, elsewhere: others, obstacle } = sequencer.take();
          told.push(...fresh.map(({ messageId }) => messageId));
          elsewhere.push(...[...(others ?? [])].map(({ messageId }) => messageId));
          expect(['records', undefined]).toContain(obstacle);
          return obstacle;
        };
        // Answers come in the order of the calls, whenever; pushes anyhow.
        let at = 0;
        const own = calls.filter(({ isHere }) => isHere);
        const steps = calls.flatMap((call, index) => {
          const { rank = 0, fate = 'once' } = arrivals[index] ?? {};
          const push = { rank, run: () => sequencer.pushed(toPush(call)) };
          return fate === 'lost' ? [] : fate === 'once' ? [push] : [push, { ...push, rank: 1_000 - rank }];
        });
        let last = 0;
        for (const call of own) {
          last = Math.max(last, answers[at++] ?? 0);
          const run = () => {
            given += call.ids.length;
            answer(sequencer, toAnswers(call, answered));
          };
          steps.push({ rank: last, run });
        }
        for (const { run } of steps.sort((one, other) => one.rank - other.rank)) {
          run();
          take();
        }
        // What was lost is read.
        const all = calls.flatMap((call) => toPush(call).records());
        sequencer.startReading();
        const missing = all.filter(({ seq }) => seq > sequencer.head.seq);
        sequencer.startAdopting({ head: { ...start, seq: all.length }, facts: {} });
        const { fresh, elsewhere: others } = sequencer.adopt(
          missing.map((one) => ({ ...one, erased: false, marks: {}, amendedSeq: 0 })),
        );
        told.push(...fresh.map(({ messageId }) => messageId));
        elsewhere.push(...[...(others ?? [])].map(({ messageId }) => messageId));
        expect(take()).toBeUndefined();
        const ids = (some: readonly Call[]) => some.flatMap((call) => call.ids);
        expect(told).toEqual(ids(calls));
        expect(answered.refused).toEqual([]);
        expect(answered.receipts.map(({ messageId }) => messageId)).toEqual(ids(own));
        for (const id of ids(calls.filter(({ isHere }) => !isHere))) expect(elsewhere).toContain(id);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  test('waits for what is before, and resolves a receipt once its record was told', () => {
    const sequencer = createSequencer();
    const [other, mine] = createCalls([
      { isHere: false, count: 2 },
      { isHere: true, count: 1 },
    ]) as [Call, Call];
    const answered: Answered = { receipts: [], refused: [] };
    answer(sequencer, toAnswers(mine, answered));
    expect(sequencer.take()).toMatchObject({ fresh: [], obstacle: 'records' });
    expect(answered.receipts).toEqual([]);
    sequencer.pushed(toPush(other));
    expect(sequencer.take()).toMatchObject({ fresh: [{ seq: 1 }, { seq: 2 }, { seq: 3 }], obstacle: undefined });
    expect(answered.receipts).toMatchObject([{ seq: 3 }]);
  });

  test('knows a record of its own that is read before its answer could be told', () => {
    const sequencer = createSequencer();
    const calls = createCalls([
      { isHere: false, count: 1 },
      { isHere: true, count: 1 },
    ]) as [Call, Call];
    const answered: Answered = { receipts: [], refused: [] };
    answer(sequencer, toAnswers(calls[1], answered));
    expect(sequencer.take().obstacle).toBe('records');
    const stored = calls.flatMap((call) => toPush(call).records());
    const { fresh, elsewhere } = sequencer.adopt(
      stored.map((one) => ({ ...one, erased: false, marks: {}, amendedSeq: 0 })),
    );
    expect([fresh.length, [...(elsewhere ?? [])]]).toMatchObject([2, [{ messageId: calls[0].ids[0] }]]);
    expect(sequencer.take().obstacle).toBeUndefined();
    expect(answered.receipts).toMatchObject([{ seq: 2 }]);
  });

  test('leaves the push of its own records unread while their answers are on their way', () => {
    let pending = true;
    const sequencer = createSequencer(() => pending);
    const [mine, other] = createCalls([
      { isHere: true, count: 2 },
      { isHere: false, count: 1 },
    ]) as [Call, Call];
    const unread = { ...toPush(mine), records: () => expect.unreachable('it is not read') };
    sequencer.pushed(unread);
    sequencer.pushed(toPush(other));
    expect(sequencer.take()).toMatchObject({ fresh: [], obstacle: 'records' });
    pending = false;
    answer(sequencer, toAnswers(mine, { receipts: [], refused: [] }));
    expect(sequencer.take()).toMatchObject({ fresh: [{ seq: 1 }, { seq: 2 }, { seq: 3 }], obstacle: undefined });
  });

  test('finds that the store was set back and others wrote on, by what is before and by what it told itself', () => {
    const told = createCalls([{ isHere: false, count: 3 }]) as [Call];
    const anew = createCalls([
      { isHere: false, count: 3 },
      { isHere: true, count: 1 },
    ]) as [Call, Call];
    const answered: Answered = { receipts: [], refused: [] };
    for (const arrive of [
      (sequencer: Sequencer) => sequencer.pushed(toPush(anew[0])),
      (sequencer: Sequencer) => answer(sequencer, toAnswers(anew[1], answered)),
      (sequencer: Sequencer) => sequencer.pushed(toPush({ ...anew[1], isHere: false })),
    ]) {
      const sequencer = createSequencer();
      sequencer.pushed(toPush(told[0]));
      expect(sequencer.take().obstacle).toBeUndefined();
      arrive(sequencer);
      expect(sequencer.take()).toMatchObject({ fresh: [], obstacle: 'another epoch' });
    }
    expect(answered.receipts).toEqual([]);
  });

  test('says that the log is another one, and drops what came late of the one before', () => {
    const sequencer = createSequencer();
    const [call] = createCalls([{ isHere: false, count: 1 }]) as [Call];
    sequencer.pushed(toPush(call, 'e2'));
    expect(sequencer.take().obstacle).toBe('epoch');
    sequencer.restart({ head: { ...start, epoch: 'e2' }, facts: {} });
    expect(sequencer.take()).toMatchObject({ fresh: [{ seq: 1 }], obstacle: undefined });
    sequencer.pushed(toPush(call));
    expect(sequencer.take().obstacle).toBe('epoch');
    sequencer.dropPushesOf(sequencer.waitingEpochs, sequencer.waitingPushes, { ...start, epoch: 'e2' });
    expect(sequencer.take().obstacle).toBeUndefined();
  });

  test('forgets pushes of records that the store did not have when it was asked, and keeps what came since', () => {
    const sequencer = createSequencer();
    const calls = createCalls(Array.from({ length: 9 }, () => ({ isHere: false, count: 1 })));
    const [first, second, , , , , , , far] = calls as [Call, Call, ...Call[]];
    for (const call of [first, far as Call]) sequencer.pushed(toPush(call));
    expect(sequencer.take()).toMatchObject({ fresh: [{ seq: 1 }], obstacle: 'records' });
    const asked = [sequencer.waitingEpochs, sequencer.waitingPushes] as const;
    const { messageId = '' } = { messageId: first.ids[0] };
    sequencer.pushed(toPush(calls[2] as Call));
    sequencer.dropPushesOf(...asked, { ...start, seq: 1, messageId });
    sequencer.pushed(toPush(second));
    expect(sequencer.take()).toMatchObject({ fresh: [{ seq: 2 }, { seq: 3 }], obstacle: undefined });
  });

  test('holds a bounded number of pushes, and knows that there is more', () => {
    const sequencer = createSequencer();
    const calls = createCalls(Array.from({ length: 1_500 }, () => ({ isHere: false, count: 1 })));
    for (const call of calls.slice(1)) sequencer.pushed(toPush(call));
    expect(sequencer.take().obstacle).toBe('records');
    sequencer.pushed(toPush(calls[0] as Call));
    const { fresh, obstacle } = sequencer.take();
    expect([fresh.length < 1_500, obstacle]).toEqual([true, 'records']);
  });

  test('reads from the store what a push has that cannot be read', () => {
    const sequencer = createSequencer();
    const [call] = createCalls([{ isHere: false, count: 1 }]) as [Call];
    sequencer.pushed({ ...toPush(call), records: () => JSON.parse('{') });
    expect(sequencer.take()).toMatchObject({ fresh: [], obstacle: 'records' });
  });

  test('knows a record of its own whose call failed when it is read', () => {
    const sequencer = createSequencer();
    const [call] = createCalls([{ isHere: true, count: 1 }]) as [Call];
    const answered: Answered = { receipts: [], refused: [] };
    for (const one of toAnswers(call, answered)) {
      sequencer.answered({ ...one, outcome: new AppError('STORE_OUTCOME_UNKNOWN') });
    }
    sequencer.take();
    expect([sequencer.doubtful, answered.refused]).toEqual([true, ['STORE_OUTCOME_UNKNOWN']]);
    const [record] = toPush(call).records();
    if (record === undefined) throw new Error('there is one');
    const { fresh, elsewhere } = sequencer.adopt([{ ...record, erased: false, marks: {}, amendedSeq: 0 }]);
    expect([fresh.length, elsewhere]).toEqual([1, undefined]);
  });
});
