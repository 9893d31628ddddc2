// A disk that is really full: nothing new is taken, everything else goes on, and it ends by itself when there is space.

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { ServerProcess } from '../support/server-process.ts';
import { countedFrom, Member, seqsOf, toCursor } from './member.ts';
import { connectSdk } from './sdk-reader.ts';

/** What is left for the store once the server has started. */
const spareBytes = 512 * 1024;

/** A file system of its own, so that no other one is filled; undefined where this user may not mount. */
function mountSmallDisk(): { folder: string; [Symbol.dispose](): void } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'parley-full-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    remove();
    console.warn('Tests of a full disk are skipped: mounting a tmpfs needs root.');
    return undefined;
  }
  return {
    folder,
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', folder]);
      remove();
    },
  };
}

function fillUp(file: string, spare: number): void {
  writeFileSync(file, '');
  const { bavail, bsize } = statfsSync(file);
  appendFileSync(file, Buffer.alloc(Math.max(bavail * bsize - spare, 0)));
}

const disk = requireOrSkip('mediasoup') ? mountSmallDisk() : undefined;

test.skipIf(disk === undefined)(
  'a full disk refuses what is new so that it can be tried again, and takes nothing else away',
  { timeout: 60_000 },
  async () => {
    if (disk === undefined) return;
    using mounted = disk;
    await using server = await ServerProcess.start({ folder: mounted.folder });
    const room = 'standup';
    const ada = await Member.join(server, 'ada', room);
    const bob = await Member.join(server, 'bob', room);
    const sdk = await connectSdk(server, 'cleo');
    const cleo = await sdk.join(room);
    const first = await ada.send(room, 'first', 'there was space once');
    const filler = join(mounted.folder, 'filler');
    fillUp(filler, spareBytes);

    const text = 'x'.repeat(16_000);
    let taken = 0;
    const refused = await eventually(async () => {
      const answer = await ada.call('chat.send', { room, clientId: `large-${taken}`, text });
      if (answer.result) taken++;
      return answer.error;
    }, 'a refusal');
    expect(refused.data).toMatchObject({ reason: 'STORE_UNAVAILABLE', code: 'UNAVAILABLE' });
    expect(refused.data.retryAfterMs).toBeGreaterThan(0);
    const ready = await fetch(`${server.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', degraded: [expect.stringContaining('no space left')] },
    ]);
    expect(await server.metric('parley_store_writable')).toBe(0);
    expect(await server.metric('parley_store_failures_total{kind="full"}')).toBeGreaterThan(0);
    const sending = cleo.chat.send(`${text}, written into a full disk`);

    // Who is there reads on, and others come in. What is as small as the record of a joining may still have found a place.
    const before = await bob.readAll(room);
    expect(before.filter(({ kind }) => kind === 'message')).toHaveLength(1 + taken);
    expect(seqsOf(before)).toEqual(countedFrom(1, before.length));
    expect(await bob.get('log.search', { room, query: 'space once' })).toMatchObject({
      records: [{ messageId: first.messageId }],
    });
    expect(await bob.sync(room, toCursor(first))).toMatchObject({ status: 'records' });
    const late = await Member.join(server, 'dora', room);
    expect(seqsOf(await late.readAll(room)).slice(0, before.length)).toEqual(seqsOf(before));
    const other = await Member.join(server, 'ada', 'a-room-that-nobody-was-in');
    expect((await other.readAll('a-room-that-nobody-was-in')).length).toBeLessThanOrEqual(1);
    expect(cleo.chat.outgoing).toMatchObject([{ state: 'sending' }]);

    rmSync(filler);
    const again = await ada.send(room, `large-${taken}`, text);
    expect(again).toMatchObject({ duplicate: false, durability: 'disk' });
    // What the SDK kept goes by itself.
    await expect(sending.sent).resolves.toMatchObject({ duplicate: false });
    const after = await bob.readAll(room);
    expect(seqsOf(after)).toEqual(countedFrom(1, after.length));
    expect(after.filter(({ kind }) => kind === 'message')).toHaveLength(taken + 3);
    await eventually(() => bob.heard(room).at(-1)?.seq === after.length, 'the newest record at Bob’s');
    const heard = seqsOf(bob.heard(room));
    expect(heard).toEqual(countedFrom(heard[0] ?? 0, heard.length));
    expect(await (await fetch(`${server.url}/ready`)).json()).toEqual({ status: 'ready' });
    expect(await server.metric('parley_store_writable')).toBe(1);
    await sdk.close();
  },
);
