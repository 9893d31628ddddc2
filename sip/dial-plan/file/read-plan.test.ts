import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PlanError } from './plan-problem.ts';
import { readPlan } from './read-plan.ts';

const example = readFileSync(new URL('../../../docs/examples/dial-plan.yaml', import.meta.url), 'utf8');

function problemsOf(text: string): readonly string[] {
  try {
    readPlan(text, 'plan.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return error.problems.map(({ path, line, problem }) => `${line} ${path}: ${problem}`);
  }
}

test('an empty plan has its defaults', () => {
  const { users, trunks, rules, registration, guests } = readPlan('', 'plan.yaml');
  expect({ users, trunks, rules, guests }).toEqual({ users: [], trunks: [], rules: [], guests: false });
  expect(registration).toEqual({
    minSeconds: 60,
    maxSeconds: 3_600,
    defaultSeconds: 3_600,
    phonesPerUser: 10,
    phones: 20_000,
  });
});

test('numbers are taken as they are written', () => {
  const { users, numbers, trunks } = readPlan(example, 'plan.yaml');
  expect(numbers).toEqual({ country: '49', national: '0', international: '00', nationalDigits: 0 });
  expect(users[0]?.numbers).toEqual(['100', '+4930123456100']);
  expect([...(trunks[0]?.prices ?? [])]).toContainEqual(['+4915', 0.08]);
  expect(trunks[0]?.numbers).toMatchObject({ country: '49', outgoing: 'e164' });
});

describe('what is wrong is told with its line, and what was meant', () => {
  test.each([
    ['relm: x', ['1 relm: is not known: did you mean realm?']],
    [
      'users:\n  - identity: ann\n    pasword: x',
      ['2 users[0]: needs a password, or hashes of one', '3 users[0].pasword: is not known: did you mean password?'],
    ],
    ['users: 5', ['1 users: must be a list']],
    [
      'users: [{ identity: a b, password: x }]',
      ['1 users[0].identity: must be an identity as tokens have it, without spaces, not a b'],
    ],
    [
      'registration: { minSeconds: 5, maxSeconds: 1.5 }',
      [
        '1 registration.minSeconds: must be a whole number from 10 to 86400',
        '1 registration.maxSeconds: must be a whole number from 10 to 86400',
      ],
    ],
    [
      'trunks:\n  - name: a\n    inbound: {}',
      ['3 trunks[0].inbound: needs addresses, or a login and its password: anybody could call'],
    ],
    ['trunks:\n  - name: a', ['2 trunks[0]: needs inbound, outbound or both']],
    [
      'trunks:\n  - name: a\n    outbound: { targets: [tel:1] }',
      [
        '3 trunks[0].outbound.targets[0]: must be a SIP URI as in sip:sip.example.org;transport=tcp, not tel:1',
        '3 trunks[0].outbound: needs targets',
      ],
    ],
    [
      'trunks:\n  - name: a\n    inbound: { addresses: 10.0.0.0/99 }',
      [
        '3 trunks[0].inbound.addresses: must be an address or a block as in 198.51.100.0/24, not 10.0.0.0/99',
        '3 trunks[0].inbound: needs addresses, or a login and its password: anybody could call',
      ],
    ],
    [
      'rules:\n  - name: a\n    when: { calledPatern: 9X }\n    room: r',
      ['3 rules[0].when.calledPatern: is not known: did you mean calledPattern?'],
    ],
    [
      'rules:\n  - name: a\n    room: r\n    user: u',
      ['2 rules[0]: needs one of room, user, pin, number, reject, and has room and user'],
    ],
    [
      'rules: [{ name: a, room: r, when: { from: [usr] } }]',
      ['1 rules[0].when.from: must be of user, trunk or guest, not usr: did you mean user?'],
    ],
    [
      'rules: [{ name: a, pin: { rooms: [{ pin: 12, room: r }] } }]',
      ['1 rules[0].pin.rooms[0].pin: must be 4 to 16 digits'],
    ],
    ['timeZone: Europe/Berlinn', ['1 timeZone: must be a time zone as in Europe/Berlin, not Europe/Berlinn']],
    [
      'a: [',
      ['1 : The file is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ].'],
    ],
    ['[]', ['1 : must be a group of fields']],
  ])('%j', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

describe('what does not hang together is told, too', () => {
  const user = (identity: string, more = '') => `{ identity: ${identity}, password: x${more} }`;
  test.each([
    [
      `users:\n  - ${user('a')}\n  - ${user('a')}`,
      ['3 users[1].identity: a is the identity of two users', '3 users[1].login: a is the login of two'],
    ],
    [
      `numbers: { country: 49 }\nusers:\n  - ${user('a', ', numbers: 030123456')}\n  - ${user('b', ', numbers: +4930123456')}`,
      ['4 users[1].numbers: +4930123456 is the number of two users'],
    ],
    [
      'algorithms: [SHA-256, MD5]\nusers: [{ identity: a, hashes: { MD5: 0123456789abcdef0123456789abcdef } }]',
      [
        '2 users[0]: has no hash for SHA-256, which algorithms asks for: name only algorithms that all hashes are there for',
      ],
    ],
    [
      'trunks:\n  - { name: a, inbound: { addresses: 10.0.0.0/8 } }\n  - { name: b, inbound: { addresses: 10.1.2.3 } }',
      ['3 trunks[1].inbound.addresses: has 10.1.2.3, which is of trunk a too: one of them needs a login'],
    ],
    [
      'trunks: [{ name: provider, inbound: { addresses: 10.0.0.0/8 } }]\nrules:\n  - { name: x, when: { trunk: provder }, room: r }\n  - { name: y, number: 1, trunks: provider }',
      [
        '3 rules[0].when.trunk: has provder, which is no trunk of this plan: did you mean provider?',
        '4 rules[1].trunks: has provider, which has no outbound',
      ],
    ],
    [
      'rules:\n  - { name: x, room: r }\n  - { name: y, room: s }',
      ['3 rules[1]: is never asked: x before it takes every call'],
    ],
    ['rules: [{ name: x, room: "r-{caled}" }]', ['1 rules[0]: has {caled}, which stands for nothing']],
    ['rules: [{ name: x, room: "a room" }]', ['1 rules[0]: has a room, which is no name of a room']],
    [
      'rules: [{ name: x, when: { from: guest }, number: 1 }]',
      ['1 rules[0]: lets guests dial out: anybody could, at your cost'],
    ],
  ])('%j', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

test('no secret is told in what is wrong with a plan', () => {
  const text =
    'users:\n  - { identity: a, password: hunter2hunter2, hashes: { MD5: hunter3 } }\nrules: [{ name: p, pin: { rooms: [{ pin: 99887, room: r }, { pin: 99887, room: s }] } }]';
  const all = problemsOf(text).join('\n');
  expect(all).toContain('has a PIN twice');
  for (const secret of ['hunter2', 'hunter3', '99887']) expect(all).not.toContain(secret);
});

test('any text is a plan or has problems, with lines that are there', () => {
  const words = [
    'users',
    'trunks',
    'rules',
    'name',
    'identity',
    'password',
    ':',
    ' ',
    '\n',
    '-',
    '[',
    ']',
    '{',
    '}',
    '&a',
    '*a',
    '!x',
    '<<',
    '1',
    '"',
    '#',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      for (const problem of problemsOf(text)) {
        const line = Number.parseInt(problem, 10);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(text.split('\n').length);
      }
    }),
    { numRuns: 500 },
  );
});
