import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import type { Life } from '../directory.ts';
import type { ContractCluster, ContractNode } from './cluster.contract.ts';

/** What every engine of the port does. */
export function describeDirectory(engine: string, start: () => Promise<ContractCluster>): void {
  // Each has nodes of its own, and most of them wait for leases: together they take as long as one.
  describe.concurrent(`directory: ${engine}`, () => {
    describeLeases(start);
    describeOwners(start);
    describeUsers(start);
    describePhones(start);
    describeTallies(start);
  });
}

const lifeOf = (node: ContractNode): Life => node.directory.nodes.life;

async function joinAll(cluster: ContractCluster, ...names: string[]): Promise<ContractNode[]> {
  const nodes: ContractNode[] = [];
  for (const name of names) nodes.push(await cluster.join(name));
  const know = (node: ContractNode) => node.directory.nodes.others.size === names.length - 1;
  await eventually(() => nodes.every(know), 'all know each other');
  return nodes;
}

/** What a node is told, in order. */
function watch({ directory }: ContractNode) {
  const told: string[] = [];
  const { events } = directory.nodes;
  events.on('came', ({ life }) => told.push(`came ${nameIn(life)}`));
  events.on('died', ({ life }) => told.push(`died ${nameIn(life)}`));
  events.on('reborn', () => told.push('reborn'));
  events.on('reset', () => told.push('reset'));
  events.on('stateChanged', ({ state }) => told.push(state));
  return told;
}

const nameIn = (life: Life): string => life.split('~')[0] ?? '';

function describeLeases(start: () => Promise<ContractCluster>): void {
  test('nodes hear of each other, and of what they say of themselves', async () => {
    await using cluster = await start();
    let rooms = 1;
    const a = await cluster.join('a', () => ({ rooms, region: 'north', publicUrl: 'https://a' }));
    const told = watch(a);
    const b = await cluster.join('b');
    await eventually(() => b.directory.nodes.others.get(lifeOf(a)), 'b knows a');
    expect(b.directory.nodes.others.get(lifeOf(a))).toMatchObject({
      name: 'a',
      rooms: 1,
      region: 'north',
      version: '0',
    });
    rooms = 2;
    await eventually(() => b.directory.nodes.others.get(lifeOf(a))?.rooms === 2, 'b knows more');
    await eventually(() => told.length > 0, 'a hears of b');
    expect(told).toEqual(['came b']);
    expect([a.directory.nodes.state, b.directory.nodes.state]).toEqual(['up', 'up']);
    expect(b.directory.nodes.others.has(lifeOf(b))).toBe(false);
  });

  test('a node that stops without a word is dead after its lease: each of the others is told once', async () => {
    await using cluster = await start();
    const [a, b, c] = await joinAll(cluster, 'a', 'b', 'c');
    const told = [watch(a!), watch(b!)];
    await c!.kill();
    await eventually(() => told.every((it) => it.includes('died c')), 'c is dead');
    expect(told).toEqual([['died c'], ['died c']]);
    expect([...a!.directory.nodes.others.keys()]).toEqual([lifeOf(b!)]);
    const again = await cluster.join('c');
    await eventually(() => a!.directory.nodes.others.has(lifeOf(again)), 'c is there again');
    expect(lifeOf(again)).not.toBe(lifeOf(c!));
    expect(told[0]).toEqual(['died c', 'came c']);
  });

  test('who was buried before a node began is dead for it as well, and nothing is told of it', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    const told = watch(a!);
    await b!.kill();
    await eventually(() => told.includes('died b'), 'b is dead');
    const c = await cluster.join('c');
    expect([a!, b!, c].map((node) => c.directory.nodes.isDead(lifeOf(node)))).toEqual([false, true, false]);
    expect([...c.directory.nodes.others.keys()]).toEqual([lifeOf(a!)]);
  });

  test('a node that ends on purpose is dead at once', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    const told = watch(a!);
    await b!.directory.nodes.end();
    await eventually(() => told.length > 0, 'a is told');
    expect(told).toEqual(['died b']);
    expect(a!.directory.nodes.others.size).toBe(0);
  });

  test('who was buried while it was cut off goes on as another life, in no room', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    const told = [watch(a!), watch(b!)];
    const reborn: { before: Life; life: Life }[] = [];
    b!.directory.nodes.events.on('reborn', (it) => reborn.push(it));
    const before = lifeOf(b!);
    await b!.directory.rooms.enter('r', '');
    await a!.directory.rooms.enter('r', '');
    b!.cut();
    await eventually(() => told[0]?.includes('died b') && told[1]?.includes('away'), 'both notice');
    b!.mend();
    await eventually(() => reborn.length > 0, 'b goes on');
    await eventually(() => told[0]?.includes('came b'), 'a sees it');
    expect(reborn).toEqual([{ before, life: lifeOf(b!) }]);
    expect(told).toEqual([
      ['died b', 'came b'],
      ['away', 'up', 'reborn'],
    ]);
    await a!.directory.rooms.drop('r', before);
    expect((await a!.directory.rooms.enter('r', '')).nodes).toEqual([lifeOf(a!)]);
    expect((await b!.directory.rooms.enter('r', '')).nodes).toEqual([lifeOf(a!), lifeOf(b!)]);
  });

  test('a store that lost everything is told as a reset: lives go on, and nobody dies', async () => {
    await using cluster = await start();
    const nodes = await joinAll(cluster, 'a', 'b', 'c');
    const told = nodes.map(watch);
    const lives = nodes.map(lifeOf);
    await cluster.empty();
    await eventually(() => told.every((it) => it.includes('reset')), 'all are told');
    expect(nodes.map(lifeOf)).toEqual(lives);
    // The death of one of them is noticed after that, and none but this.
    await nodes[2]!.kill();
    await eventually(() => told.slice(0, 2).every((it) => it.includes('died c')), 'c is dead');
    for (const it of told) expect(it.filter((word) => word.startsWith('died') && word !== 'died c')).toEqual([]);
    for (const it of told) expect(it).not.toContain('reborn');
    expect(nodes[0]!.directory.nodes.others.has(lives[1]!)).toBe(true);
  });

  test('when all were away for longer than their leases, none is taken for dead', async () => {
    await using cluster = await start();
    const nodes = await joinAll(cluster, 'a', 'b');
    const told = nodes.map(watch);
    for (const node of nodes) node.cut();
    await eventually(() => told.every((it) => it.includes('away')), 'both are away');
    for (const node of nodes) node.mend();
    await eventually(() => told.every((it) => it.includes('up')), 'both are back');
    for (const it of told) expect(it.filter((word) => /died|reborn/.test(word))).toEqual([]);
  });
}

function describeOwners(start: () => Promise<ContractCluster>): void {
  test('the first to enter owns a room and its options hold; who leaves passes it on with the next term', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    const changes: object[] = [];
    b!.directory.rooms.events.on('ownerChanged', (change) => changes.push(change));
    const [one, two] = [lifeOf(a!), lifeOf(b!)];
    const first = { owner: one, term: 1, options: '{"e2ee":"naïve"}', control: '' };
    expect(await a!.directory.rooms.enter('r', first.options)).toEqual({ ...first, nodes: [one] });
    expect(await b!.directory.rooms.enter('r', 'others')).toEqual({ ...first, nodes: [one, two] });
    expect(await a!.directory.rooms.enter('r', 'again')).toEqual({ ...first, nodes: [one, two] });
    expect(await b!.directory.rooms.find('r')).toEqual({ ...first, nodes: [one, two] });
    expect(await a!.directory.rooms.keepControl('r', 1, '{"locks":["\u0000"]}')).toBe('kept');
    await a!.directory.rooms.leave('r');
    const place = { owner: two, term: 2, options: first.options, control: '{"locks":["\u0000"]}', nodes: [two] };
    await eventually(() => changes.length > 0, 'b is told');
    expect(changes).toEqual([{ room: 'r', place }]);
    expect(await a!.directory.rooms.keepControl('r', 1, 'late')).toBe('not-owner');
    expect(await b!.directory.rooms.keepControl('r', 2, 'now')).toBe('kept');
    await b!.directory.rooms.leave('r');
    await b!.directory.rooms.leave('r');
    expect(await a!.directory.rooms.find('r')).toBeUndefined();
    expect(await b!.directory.rooms.enter('r', 'new')).toMatchObject({ owner: two, options: 'new', control: '' });
  });

  test('of claims on the same term one holds, and all in the room are told of it', async () => {
    await using cluster = await start();
    const nodes = await joinAll(cluster, 'a', 'b', 'c');
    const heard: Life[][] = nodes.map(() => []);
    for (const [index, { directory }] of nodes.entries()) {
      await directory.rooms.enter('r', '');
      directory.rooms.events.on('ownerChanged', ({ place }) => heard[index]!.push(place.owner));
    }
    const claims = nodes.slice(1).map(({ directory }) => directory.rooms.claim('r', 1));
    const [one, two] = await Promise.all(claims);
    expect(one!.term).toBe(2);
    expect(two).toEqual(one);
    expect(nodes.slice(1).map(lifeOf)).toContain(one!.owner);
    await eventually(() => heard.every((it) => it.length > 0), 'all are told');
    expect(heard).toEqual(nodes.map(() => [one!.owner]));
  });

  test('a claim by who is not in the room changes nothing; in a room that nobody is in it is refused', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    await a!.directory.rooms.enter('r', '');
    expect(await b!.directory.rooms.claim('r', 1)).toMatchObject({ owner: lifeOf(a!), term: 1 });
    await expect(b!.directory.rooms.claim('nobody', 1)).rejects.toMatchObject({ name: 'StoreError', kind: 'unknown' });
    expect(await b!.directory.rooms.keepControl('nobody', 1, '')).toBe('not-owner');
  });

  test('dropping the dead passes on what they owned, as often as it is done', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    await a!.directory.rooms.enter('r', 'options');
    await b!.directory.rooms.enter('r', '');
    const dead = lifeOf(a!);
    await b!.directory.rooms.drop('r', dead);
    await b!.directory.rooms.drop('r', dead);
    const place = await b!.directory.rooms.enter('r', '');
    expect(place).toMatchObject({ owner: lifeOf(b!), term: 2, options: 'options', nodes: [lifeOf(b!)] });
  });

  test('a term never goes back, though the store forgot it', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    const owner = lifeOf(a!);
    await a!.directory.rooms.enter('r', 'options', { owner, term: 7 });
    expect((await a!.directory.rooms.enter('r', '')).term).toBe(8);
    expect(await b!.directory.rooms.enter('r', '', { owner: lifeOf(b!), term: 5 })).toMatchObject({ owner, term: 8 });
    expect(await b!.directory.rooms.enter('r', '', { owner: lifeOf(b!), term: 9 })).toMatchObject({
      owner: lifeOf(b!),
      term: 9,
      options: 'options',
    });
  });

  test('a room that everybody left goes on with a higher term: who held the one before holds nothing', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    let before = 0;
    for (const { directory } of [a!, b!, a!]) {
      const { term } = await directory.rooms.enter('r', '');
      expect(term).toBeGreaterThan(before);
      if (before > 0) expect(await a!.directory.rooms.keepControl('r', before, 'late')).toBe('not-owner');
      before = term;
      await directory.rooms.leave('r');
    }
  });

  test('what fails for want of the store fails as away', async () => {
    await using cluster = await start();
    const [a] = await joinAll(cluster, 'a');
    a!.cut();
    const { rooms, users, phones, calls: callPlaces } = a!.directory;
    const isAway = (call: Promise<unknown>) =>
      call.then(
        () => false,
        (error: { kind?: string }) => error.kind === 'away',
      );
    await eventually(() => isAway(rooms.claim('r', 1)), 'the cut is noticed');
    const calls = [
      rooms.find('r'),
      rooms.enter('r', ''),
      rooms.leave('r'),
      rooms.drop('r', 'x~1'),
      users.whereAre(['ada']),
      phones.whereAre(['ada']),
      callPlaces.whereAre(['ada']),
    ];
    expect(await Promise.all(calls.map(isAway))).toEqual(calls.map(() => true));
  });
}

function describeUsers(start: () => Promise<ContractCluster>): void {
  test('people are where they have sessions, on nodes that live', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    a!.directory.users.came('ada');
    b!.directory.users.came('ada');
    b!.directory.users.came('bo 😀');
    const where = async (...identities: string[]) => [...(await a!.directory.users.whereAre(identities))];
    const both = [lifeOf(a!), lifeOf(b!)].sort();
    const known = async () => (await where('ada', 'bo 😀')).flatMap(([, lives]) => lives).length === 3;
    await eventually(known, 'all is told');
    const found = new Map(await where('ada', 'bo 😀', 'cy'));
    expect([...found.keys()].sort()).toEqual(['ada', 'bo 😀']);
    expect([...found.get('ada')!].sort()).toEqual(both);
    expect(found.get('bo 😀')).toEqual([lifeOf(b!)]);
    a!.directory.users.left('ada');
    await eventually(async () => (await where('ada'))[0]?.[1].length === 1, 'ada left');
    await b!.kill();
    await eventually(async () => (await where('ada', 'bo 😀')).length === 0, 'b is dead');
  });
}

function describePhones(start: () => Promise<ContractCluster>): void {
  test.each(['phones', 'calls'] as const)(
    '%s are where they are, on nodes that live, until their time is over',
    async (kind) => {
      await using cluster = await start();
      const [a, b] = await joinAll(cluster, 'a', 'b');
      const inMs = (ms: number) => ({ untilMs: Date.now() + ms });
      const where = async (identity: string) => [
        ...((await a!.directory[kind].whereAre([identity])).get(identity) ?? []),
      ];
      const isAt = async (identity: string, ...lives: string[]) =>
        eventually(
          async () => (await where(identity)).sort().join() === [...lives].sort().join(),
          `${identity} is found`,
        );
      a!.directory[kind].publish('ada', [inMs(600_000), inMs(60_000)]);
      b!.directory[kind].publish('ada', [inMs(600_000)]);
      b!.directory[kind].publish('bo 😀', [inMs(1_500)]);
      await isAt('ada', lifeOf(a!), lifeOf(b!));
      await isAt('bo 😀', lifeOf(b!));
      await isAt('cy');
      // Nobody says so.
      await isAt('bo 😀');
      a!.directory[kind].publish('ada', []);
      await isAt('ada', lifeOf(b!));
      a!.directory[kind].publish('ada', [inMs(600_000)]);
      await isAt('ada', lifeOf(a!), lifeOf(b!));
      a!.directory[kind].publish('ada', [inMs(-1)]);
      await isAt('ada', lifeOf(b!));
      await b!.kill();
      await isAt('ada');
    },
  );
}

function describeTallies(start: () => Promise<ContractCluster>): void {
  test('what nodes count is known to all of them: what each told last, also when it is dead', async () => {
    await using cluster = await start();
    const [a, b, c] = await joinAll(cluster, 'a', 'b', 'c');
    const tell = async (node: ContractNode | undefined, text: string) =>
      [...((await node?.directory.tallies.tell(text)) ?? [])].sort((one, other) => one.name.localeCompare(other.name));
    expect(await tell(a, 'one')).toEqual([]);
    expect(await tell(b, 'two 😀\n')).toEqual([{ name: 'a', living: true, text: 'one' }]);
    await tell(a, 'three');
    expect(await tell(c, '')).toEqual([
      { name: 'a', living: true, text: 'three' },
      { name: 'b', living: true, text: 'two 😀\n' },
    ]);
    await b!.kill();
    await eventually(() => !a!.directory.nodes.others.has(lifeOf(b!)), 'b is dead');
    expect(await tell(a, 'four')).toEqual([
      { name: 'b', living: false, text: 'two 😀\n' },
      { name: 'c', living: true, text: '' },
    ]);
    await cluster.empty();
    expect(await tell(a, 'five')).toEqual([]);
    c!.cut();
    await expect(tell(c, 'six')).rejects.toMatchObject({ name: 'StoreError' });
  });

  test('what is too much to be told is not, and what was told before stays', async () => {
    await using cluster = await start();
    const [a, b] = await joinAll(cluster, 'a', 'b');
    const most = '€'.repeat(21_845);
    await a!.directory.tallies.tell(`${most}.`);
    await expect(a!.directory.tallies.tell(`${most}..`)).rejects.toMatchObject({ name: 'StoreError', kind: 'corrupt' });
    expect(await b!.directory.tallies.tell('')).toEqual([{ name: 'a', living: true, text: `${most}.` }]);
  });
}
