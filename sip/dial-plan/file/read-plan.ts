import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { type DigestAlgorithm, digestAlgorithms } from '../../agent/digest/algorithms.ts';
import type { PlanData, RegistrationRules } from '../plan-data.ts';
import { checkPlan } from './check-plan.ts';
import { Fields, type Reading } from './fields.ts';
import { PlanError } from './plan-problem.ts';
import { isDialled, isTimeZone, readMedia, readNumbers } from './read-parts.ts';
import { readRule } from './read-rule.ts';
import { readTrunk } from './read-trunk.ts';
import { readUser } from './read-user.ts';

const most = { bytes: 4_194_304, users: 10_000, trunks: 500, rules: 2_000, emergency: 32 } as const;

/** baresip 1.0 and sip.js 0.21, as many desk phones, register nowhere where they are asked for more than this. */
const everyPhones: readonly DigestAlgorithm[] = ['MD5'];

/** @param file names the text in what is said of it. @throws {PlanError} with all that is wrong. */
export function readPlan(text: string, file: string): PlanData {
  if (text.length > most.bytes) {
    throw new PlanError(file, [{ path: '', line: 1, problem: `The file is longer than ${most.bytes} letters.` }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reading: Reading = { document, lines, problems: [] };
  const { problems } = reading;
  for (const { pos, message } of document.errors) {
    problems.push({ path: '', line: lines.linePos(pos[0]).line, problem: `The file is not YAML: ${message}.` });
  }
  if (problems.length > 0) throw new PlanError(file, problems);
  const fields = new Fields(reading, document.contents ?? undefined, '');
  const plan = readAll(fields);
  fields.end();
  // What hangs together is only looked at where each part of it can be read.
  if (problems.length === 0) {
    const lineOf = (path: string) => lines.linePos(offsetOf(document, path)).line;
    problems.push(...checkPlan(plan).map(({ path, problem }) => ({ path, line: lineOf(path), problem })));
  }
  if (problems.length > 0) throw new PlanError(file, problems);
  return plan;
}

/** Of the innermost part that there is on the way to a place. */
function offsetOf(document: Document, path: string): number {
  const steps = path.split(/[[\].]/).filter((step) => step !== '');
  for (let count = steps.length; count > 0; count -= 1) {
    const way = steps.slice(0, count).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const node = document.getIn(way, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function readAll(fields: Fields): PlanData {
  const numbers = readNumbers(fields.section('numbers'), undefined);
  return {
    realm: fields.text('realm') ?? 'parley',
    algorithms: fields.someOf('algorithms', digestAlgorithms, everyPhones),
    guests: fields.yesOrNo('guests', false),
    numbers,
    emergency: fields.texts('emergency', most.emergency, isDialled) ?? ['112', '911'],
    timeZone: fields.text('timeZone', isTimeZone) ?? 'UTC',
    registration: readRegistration(fields.section('registration')),
    media: readMedia(fields.section('media')),
    users: fields.list('users', most.users, readUser),
    trunks: fields.list('trunks', most.trunks, (trunk) => readTrunk(trunk, numbers)),
    rules: fields.list('rules', most.rules, (rule) => readRule(rule, numbers)),
  };
}

function readRegistration(fields: Fields): RegistrationRules {
  const seconds = { min: 10, max: 86_400 } as const;
  const rules = {
    minSeconds: fields.integer('minSeconds', { ...seconds, default: 60 }),
    maxSeconds: fields.integer('maxSeconds', { ...seconds, default: 3_600 }),
    defaultSeconds: fields.integer('defaultSeconds', { ...seconds, default: 3_600 }),
    phonesPerUser: fields.integer('phonesPerUser', { min: 1, max: 100, default: 10 }),
    phones: fields.integer('phones', { min: 1, max: 100_000, default: 20_000 }),
  };
  fields.end();
  if (rules.minSeconds > rules.maxSeconds) fields.problem('minSeconds', 'must not be more than maxSeconds');
  return { ...rules, defaultSeconds: Math.min(Math.max(rules.defaultSeconds, rules.minSeconds), rules.maxSeconds) };
}
