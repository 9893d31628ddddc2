import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { limited, openTrunks } from './testing/open-trunks.ts';
import { TrunkFile } from './trunk-file.ts';

async function open(trunks: string) {
  const folder = await mkdtemp(join(tmpdir(), 'trunks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'trunks.json');
  const clock = new FakeClock();
  let opened = openTrunks(trunks, '', clock);
  /** Of a process that is stopped, and of the one after it. */
  const restart = async (nextTrunks = trunks) => {
    const { all } = opened;
    await new TrunkFile({ file, clock, log: silentLogger, ledgers: () => all.kept }).close();
    opened = openTrunks(nextTrunks, '', clock);
    opened.all.restore(await TrunkFile.read(file));
    return opened;
  };
  return { file, clock, first: opened, restart };
}

const fraud = limited('', ', fraud: { calls: 3, withinMinutes: 10 }');

test('what was counted is known after a restart', () => {
  const { all } = openTrunks(limited('minutesPerDay: 3'));
  const state = { day: '2023-11-14', minutes: 3, micros: 0, closed: undefined };
  all.restore(
    new Map([
      ['p', state],
      ['gone', state],
    ]),
  );
  expect(all.choose({ number: '+4930123456' }).refusal?.reason).toBe('the 3 minutes of the day are used up');
});

test('a restart gives nobody another burst', async () => {
  const { clock, first, restart } = await open(fraud);
  for (const number of ['+882123456', '+882123457']) first.begin(number)?.answered();
  const second = await restart();
  expect(second.begin('+882123458')).toBeDefined();
  clock.advance(60_000);
  const third = await restart();
  expect(third.why('+882123459')).toContain('3 calls to expensive numbers');
  expect(third.news).toHaveLength(1);
  const { why } = await restart();
  expect(why()).toContain('it is closed');
});

test('a burst is over after its minutes, restarted or not', async () => {
  const { clock, file, first, restart } = await open(fraud);
  for (let count = 0; count < 3; count += 1) first.begin('+882123456');
  await restart();
  clock.advance(10 * 60_000);
  const { begin } = await restart();
  expect(begin('+882123456')).toBeDefined();
  await restart();
  expect(JSON.parse(await readFile(file, 'utf8')).p.burst).toHaveLength(1);
});

test('a trunk that an operator has opened has no burst after a restart', async () => {
  const { first, restart } = await open(fraud);
  for (let count = 0; count < 3; count += 1) first.begin('+882123456');
  expect(first.why('+882123456')).toContain('it looks like fraud');
  first.all.open('p');
  const { begin } = await restart();
  expect(begin('+882123456')).toBeDefined();
});

test('a file from before bursts were kept is read, and one that is damaged is said to be', async () => {
  const { file } = await open(fraud);
  await writeFile(file, '{"p":{"day":"2023-11-14","minutes":3,"micros":0}}');
  expect((await TrunkFile.read(file)).get('p')).toMatchObject({ minutes: 3, burst: [] });
  for (const burst of ['5', '[null]', '[{"minute":1,"calls":"x","micros":0}]']) {
    await writeFile(file, `{"p":{"day":"2023-11-14","minutes":3,"micros":0,"burst":${burst}}}`);
    await expect(TrunkFile.read(file)).rejects.toThrow('is damaged at p');
  }
});
