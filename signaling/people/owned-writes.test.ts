import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import type { RoomId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import type { LogRecord, Receipt } from '../../proto/gen/types.ts';
import type { LogEntry } from '../log/log-entry.ts';
import { CallWatch } from './call-watch.ts';
import { OwnedWrites } from './owned-writes.ts';
import { ServerAppends } from './server-appends.ts';

const author = { identity: 'ada', name: 'Ada' };
const graceMs = 5_000;

/** What one node would write of a call in a room. */
function createNode(clock: FakeClock, isOwner: boolean) {
  const written: string[] = [];
  const writes = new OwnedWrites({ clock, write: ({ kind, clientId }) => written.push(`${kind} ${clientId}`) });
  writes.setOwner(isOwner);
  const call = new CallWatch({ clock, graceMs, write: (entry) => writes.add(entry), onEnded: () => {} });
  /** The owner wrote this elsewhere. */
  const hear = (text = '') => {
    const [kind, clientId = ''] = text.split(' ');
    const record = { kind, clientId } as LogRecord;
    writes.written(record);
    call.written(record.kind === 'callStarted' ? clientId.replace('call:', '') : undefined);
  };
  return { written, writes, call, hear };
}

describe('a call of which one node writes and another would', () => {
  const start = () => {
    const clock = new FakeClock();
    return { clock, owner: createNode(clock, true), other: createNode(clock, false) };
  };

  test('is written once when the owner changes behind its end, though both began it with another track', () => {
    const { clock, owner, other } = start();
    owner.call.trackAdded('p1', 'first', author);
    owner.call.trackAdded('p2', 'second', author);
    other.call.trackAdded('p2', 'second', author);
    other.call.trackAdded('p1', 'first', author);
    other.hear(owner.written[0]);
    for (const { call } of [owner, other]) {
      call.peerLeft('p1');
      call.peerLeft('p2');
    }
    clock.advance(graceMs);
    expect(owner.written).toEqual(['callStarted call:first', 'callEnded ended:first']);
    other.hear(owner.written[1]);
    owner.writes.setOwner(false);
    other.writes.setOwner(true);
    expect(other.written).toEqual([]);
  });

  test('is ended by the same name when the owner dies before it has', () => {
    const { clock, owner, other } = start();
    owner.call.trackAdded('p1', 'first', author);
    other.call.trackAdded('p2', 'second', author);
    other.hear(owner.written[0]);
    other.call.peerLeft('p2');
    clock.advance(graceMs);
    other.writes.setOwner(true);
    expect(other.written).toEqual(['callEnded ended:first']);
  });

  test('that somebody else began before is not begun again, and the next one is', () => {
    const { clock, other } = start();
    other.hear('callStarted call:first');
    other.call.trackAdded('p2', 'second', author);
    other.writes.setOwner(true);
    expect(other.written).toEqual([]);
    other.call.peerLeft('p2');
    clock.advance(graceMs);
    other.call.trackAdded('p2', 'third', author);
    expect(other.written).toEqual(['callEnded ended:first', 'callStarted call:third']);
  });

  test('is begun by who owns the room once the owner died without a word of it', () => {
    const { other } = start();
    other.call.trackAdded('p2', 'second', author);
    other.writes.setOwner(true);
    expect(other.written).toEqual(['callStarted call:second']);
  });
});

describe('what the owner writes', () => {
  const receipt = {} as Receipt;

  /** A store that knows the term that holds. */
  function createAppends() {
    const clock = new FakeClock();
    const store = { term: 1 as number | undefined, taken: [] as string[] };
    const here = { term: 1 as number | undefined };
    const append = async ({ clientId = '', fence }: LogEntry): Promise<Receipt> => {
      if (fence !== undefined && fence !== store.term) throw new AppError('NOT_OWNER', { room: 'r' });
      store.taken.push(clientId);
      return receipt;
    };
    const writes: OwnedWrites = new OwnedWrites({ clock, write: (entry) => appends.add(entry) });
    const appends = new ServerAppends({
      timeline: { room: 'r' as RoomId, append },
      clock,
      log: silentLogger,
      fence: () => here.term,
      leaveToOwner: (entry) => writes.leave(entry),
      onIdle: () => {},
    });
    const settle = async (ms = 0) => {
      for (let gone = 0; gone <= ms; gone += 500) {
        clock.advance(gone === 0 ? 0 : 500);
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      }
    };
    const write = (clientId: string) => writes.add({ kind: 'joined', clientId, content: {} });
    return { store, here, writes, appends, settle, write };
  }

  test('is refused when the term is over, and left to the next owner as soon as that is known', async () => {
    const { store, writes, appends, settle, write } = createAppends();
    write('one');
    await settle();
    store.term = 2;
    write('two');
    await settle(500);
    expect(store.taken).toEqual(['one']);
    writes.setOwner(false);
    await settle(1_000);
    expect(appends.idle).toBe(true);
    expect(store.taken).toEqual(['one']);
  });

  test('is written when this node owns the room again, in whichever term', async () => {
    const { store, here, writes, settle, write } = createAppends();
    store.term = 2;
    write('one');
    writes.setOwner(false);
    await settle(2_000);
    store.term = here.term = 3;
    writes.setOwner(true);
    await settle();
    expect(store.taken).toEqual(['one']);
    // Emptied meanwhile: the same owner in another term.
    store.term = 4;
    write('two');
    await settle(500);
    here.term = 4;
    await settle(2_000);
    expect(store.taken).toEqual(['one', 'two']);
  });

  test('is written without a term when the room is open nowhere', async () => {
    const { store, here, settle, write } = createAppends();
    store.term = undefined;
    here.term = undefined;
    write('one');
    await settle();
    expect(store.taken).toEqual(['one']);
  });
});
