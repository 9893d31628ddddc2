import { setTimeout as delay } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { clusterSecretOf } from '../cluster/cluster-secret.ts';
import type { DrainStatus } from '../cluster/node-drain.ts';
import { OperatorTokens } from '../cluster/operator-tokens.ts';
import type { Config } from '../config/schema.ts';
import { defaultDeadlineMs, drainPath } from '../http/drain.ts';
import { StartError } from '../start-error.ts';
import { addConfigFlags, addListenFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import { localUrlOf } from './local-url.ts';
import type { Terminal } from './terminal.ts';

interface DrainFlags extends ConfigFlags {
  readonly url?: string;
  readonly deadline: number;
  readonly undo?: boolean;
  readonly status?: boolean;
  readonly wait?: boolean;
}

const lookEveryMs = 500;
const answerWithinMs = 10_000;

export function addDrainCommand(program: Command, { stdout, env }: Terminal): void {
  const command = program
    .command('drain')
    .description('Sends the clients of the node on this machine to the other nodes, before it is stopped.');
  addListenFlags(addConfigFlags(command))
    .option('--url <url>', 'where the node listens (default: as configured, on this machine)')
    .option('--deadline <time>', 'who is left after it is sent away, as in 30s or 5m', parseTime, defaultDeadlineMs)
    .option('--wait', 'until nobody is left, phones in calls among them')
    .option('--undo', 'takes clients again')
    .option('--status', 'says how far it is, and changes nothing')
    .addHelpText(
      'after',
      `
Examples:
  parley drain --wait && systemctl restart parley    one node after the other, and no call ends
  parley drain --undo                                it takes clients after all

It needs the options that the node runs with: cluster.secret, and where it listens.`,
    )
    .action(async ({ url, deadline: deadlineMs, undo, status, wait, ...flags }: DrainFlags) => {
      const { config } = loadConfigOf(flags, env);
      const ask = createAsk(config, url ?? localUrlOf(config));
      const show = (now: DrainStatus) => stdout.write(`${toLine(now)}\n`);
      let now = await (undo ? ask('DELETE') : status ? ask('GET') : ask('POST', { deadlineMs }));
      show(now);
      while (wait && now.state === 'draining') {
        await delay(lookEveryMs);
        const before = now;
        now = await ask('GET');
        if (now.state !== before.state || now.clients !== before.clients || now.phones !== before.phones) show(now);
      }
      if (wait && !undo && now.state === 'ready') {
        throw new StartError('draining the node', 'Somebody had it take clients again.', {
          mend: 'Run `parley drain --wait` again when it is to stop.',
        });
      }
    });
}

function createAsk(config: Config, url: string) {
  const tokens = new OperatorTokens({ secret: clusterSecretOf(config), clock: systemClock });
  const failed = (reason: string, cause?: unknown) =>
    new StartError('draining the node', reason, {
      mend: `A node of a cluster must listen at ${url} on this machine, with the same cluster.secret; --url names another address, --config the options of the node.`,
      cause,
    });
  return async (method: 'GET' | 'POST' | 'DELETE', content?: object): Promise<DrainStatus> => {
    const body = content === undefined ? '' : JSON.stringify(content);
    const signed = tokens.sign({ method, path: drainPath, body: new TextEncoder().encode(body) });
    const headers = { authorization: `Bearer ${signed}` };
    const request = { method, headers, signal: AbortSignal.timeout(answerWithinMs), ...(body !== '' && { body }) };
    const answer = await fetch(new URL(drainPath, url), request).catch((error: unknown) => {
      throw failed('It does not answer.', error);
    });
    const said = (await answer.json().catch(() => ({}))) as DrainStatus & {
      error?: { reason: string; message: string };
    };
    if (answer.ok) return said;
    if (said.error?.reason === 'NODE_UNREACHABLE') {
      throw new StartError('draining the node', 'There is no other node that takes clients.', {
        mend: 'Start another one first. Or stop this one: its clients come back once it runs again.',
      });
    }
    throw failed(said.error?.message ?? `It answered ${answer.status}.`);
  };
}

function toLine({ state, clients, ingest, phones, leftMs }: DrainStatus): string {
  const left = state === 'draining' ? `, ${Math.ceil(leftMs / 1000)} s left` : '';
  const whip = ingest > 0 ? `, ${ingest} by WHIP or WHEP, which end with the node` : '';
  const calls = phones > 0 ? `, ${phones} by phone, who stay until they hang up or the node stops` : '';
  return `${state}: ${clients} clients${left}${calls}${whip}`;
}

function parseTime(text: string): number {
  const [, count, unit] = /^(\d{1,6})([sm])$/.exec(text) ?? [];
  const ms = Number(count) * (unit === 'm' ? 60_000 : 1_000);
  if (ms >= 0 && ms <= 3_600_000) return ms;
  throw new InvalidArgumentError('It must be from 0s to 60m, as in 30s or 5m.');
}
