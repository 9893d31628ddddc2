import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Tallies } from '../../cluster/directory.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Source } from '../drachtio/incoming-call.ts';
import type { SipCalls } from '../drachtio/sip-calls.ts';
import { Registrar } from '../registrar/registrar.ts';
import { TrunkFile } from '../trunks/trunk-file.ts';
import { TrunkTallies } from '../trunks/trunk-tallies.ts';
import { Trunks } from '../trunks/trunks.ts';
import type { DialPlan } from './decision.ts';
import { warnOfPlan } from './file/plan-warnings.ts';
import { readPlan } from './file/read-plan.ts';
import { Callers } from './identify-caller.ts';
import { Logins } from './logins.ts';
import type { PlanData } from './plan-data.ts';
import { RulePlan } from './rule-plan.ts';

export interface OpenPlanOptions {
  readonly file: string;
  /** Where what trunks have spent is kept over a restart; '' keeps nothing. */
  readonly stateFile: string;
  /** The name of this node. */
  readonly node: string;
  /** The agent is a drachtio-server elsewhere. */
  readonly remoteAgent: boolean;
  /** A proxy of ours stands at this address: phones may register through it. */
  readonly isProxy?: (address: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Somebody did not know a password. */
  readonly refused?: (source: Source) => void;
  /** Where phones of a user are told to other nodes. */
  readonly publish?: (identity: string, contacts: readonly { readonly untilMs: number }[]) => void;
  /** Where nodes tell each other what trunks have carried. Without it each counts for itself. */
  readonly tallies?: Tallies;
}

/** A plan in effect. */
export interface OpenedPlan {
  readonly plan: DialPlan;
  readonly callers: Callers;
  readonly registrar: Registrar;
  readonly trunks: Trunks;
  /** From here targets are probed, and providers are told where this server is. */
  start(sip: Pick<SipCalls, 'request' | 'register'>): void;
  /** Reads the file again, as happens by itself a moment after it changes. One that cannot be used leaves the one before in effect. Calls, phones and what was counted stay. */
  reload(): Promise<'changed' | 'refused'>;
  close(): Promise<void>;
}

/** @throws {PlanError} @throws what the system says of a file that cannot be read. */
export async function openPlan(options: OpenPlanOptions): Promise<OpenedPlan> {
  const { file, stateFile, clock, node, remoteAgent, isProxy, refused, publish } = options;
  const log = options.log.child({ part: 'sip' });
  const onListenerError = (error: unknown, event: string) => log.error({ err: error, event }, 'a listener failed');
  const data = await loadPlan(file);
  const logins = new Logins({ clock, refused }, data);
  const callers = new Callers(logins, data);
  const registrar = new Registrar({
    clock,
    logins,
    plan: data,
    remoteAgent,
    onListenerError,
    ...(isProxy && { isProxy }),
    ...(publish && { publish }),
  });
  const trunks = new Trunks({ clock, plan: data, node, onListenerError });
  if (stateFile !== '') trunks.restore(await TrunkFile.read(stateFile));
  const kept =
    stateFile === '' ? undefined : new TrunkFile({ file: stateFile, clock, log, ledgers: () => trunks.kept });
  writeToLog(registrar, trunks, log);
  const tallies = options.tallies && new TrunkTallies({ clock, log, tallies: options.tallies, trunks });
  const warn = (plan: PlanData) => {
    for (const warning of warnOfPlan(plan)) log.warn({ file, warning }, 'dial plan: look at this');
  };
  let rules = new RulePlan(data);
  let reloading: Promise<'changed' | 'refused'> = Promise.resolve('changed');
  const readAgain = async () => {
    let next: PlanData;
    try {
      next = await loadPlan(file);
    } catch (error) {
      log.error({ err: error, file }, 'the dial plan was not read again: the one before holds');
      return 'refused';
    }
    logins.use(next);
    callers.use(next);
    registrar.use(next);
    trunks.use(next);
    rules = new RulePlan(next);
    log.info({ file, ...sizeOf(next) }, 'dial plan read again');
    warn(next);
    return 'changed';
  };
  // One after the other: what was read last holds.
  const reload = () => {
    reloading = reloading.then(readAgain);
    return reloading;
  };
  const stopWatching = await watchFile(file, clock, reload);
  log.info({ file, ...sizeOf(data) }, 'dial plan read');
  warn(data);
  return {
    plan: { decide: (request) => rules.decide(request) },
    callers,
    registrar,
    trunks,
    start: (sip) => trunks.start(sip),
    reload,
    async close() {
      stopWatching();
      registrar.close();
      tallies?.close();
      await trunks.close();
      await kept?.close();
    },
  };
}

const watchEveryMs = 5_000;

/** By looking: what systems tell of changes gets lost on networks of disks, and where a file is a link that is turned. */
async function watchFile(file: string, clock: Clock, changed: () => unknown): Promise<() => void> {
  const look = () =>
    stat(file).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => 'away',
    );
  let known = await look();
  let closed = false;
  let timer = clock.after(watchEveryMs, () => void again());
  const again = async () => {
    const now = await look();
    if (closed) return;
    // One that is away for a moment is about to be replaced.
    if (now !== known && now !== 'away') {
      known = now;
      changed();
    }
    timer = clock.after(watchEveryMs, () => void again());
  };
  return () => {
    closed = true;
    timer.cancel();
  };
}

const mostBytes = 8_388_608;

/** @throws {PlanError} @throws what the system says. */
export async function loadPlan(file: string): Promise<PlanData> {
  const { size } = await stat(file);
  if (size > mostBytes) throw new Error(`${file} is larger than ${mostBytes} bytes`);
  return readPlan(await readFile(file, 'utf8'), basename(file));
}

function sizeOf({ users, trunks, rules }: PlanData) {
  return { users: users.length, trunks: trunks.length, rules: rules.length };
}

function writeToLog(registrar: Registrar, trunks: Trunks, log: Logger): void {
  registrar.events.on('came', ({ registration: { identity, from, protocol } }) =>
    log.info({ identity, from, protocol }, 'phone registered'),
  );
  registrar.events.on('left', ({ registration: { identity, from }, why }) =>
    log.info({ identity, from, why }, 'phone left'),
  );
  trunks.events.on('closed', ({ trunk, because }) => log.error({ trunk, because }, 'trunk closed'));
  trunks.events.on('opened', ({ trunk }) => log.info({ trunk }, 'trunk opened'));
  trunks.events.on('registrationChanged', ({ trunk, state: { kind, because } }) => {
    if (kind === 'failed') log.warn({ trunk, because }, 'provider did not register this server');
    if (kind === 'registered') log.info({ trunk }, 'registered at the provider');
  });
}
