import { type Command, InvalidArgumentError } from 'commander';
import { type WrittenGrant, writtenGrants } from '../identity/claims.ts';
import { createIssuer } from '../identity/create-identity.ts';
import { addConfigFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import { paint, type Terminal } from './terminal.ts';

interface TokenFlags extends ConfigFlags {
  readonly room: string;
  readonly identity: string;
  readonly name?: string;
  readonly metadata?: string;
  readonly can: readonly WrittenGrant[];
  readonly ttl: number;
}

const defaultGrants: readonly WrittenGrant[] = ['join', 'publish', 'subscribe', 'chat', 'history'];
const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
/** Beyond that a stolen token is as good as an account. */
const maxTtlSeconds = 365 * secondsOf.d;

export function addTokenCommand(program: Command, { stdout, stderr, env }: Terminal): void {
  const command = program.command('token').description('Signs a token with a secret of this server, and prints it.');
  addConfigFlags(command)
    .requiredOption('--room <room>', 'room it is for, a prefix as in "team-*", or "*"')
    .requiredOption('--identity <identity>', 'who it is for')
    .option('--name <name>', 'what others see (default: the identity)')
    .option('--metadata <text>', 'text for the application, at most 4 KB')
    .option('--can <grants>', `what it allows, with commas: ${writtenGrants.join(', ')}`, parseGrants, defaultGrants)
    .option('--ttl <time>', 'how long it is good for, as in 30s, 15m, 1h, 7d', parseTtl, secondsOf.h)
    .addHelpText(
      'after',
      `
Examples:
  parley token --dev --room standup --identity ada          for a server that runs with --dev
  parley token --room 'team-*' --identity bob --name Bob --ttl 8h
  parley token --room standup --identity mia --can join,subscribe,chat,moderate`,
    )
    .action((flags: TokenFlags) => {
      const { config } = loadConfigOf(flags, env);
      const { room, identity, name = identity, metadata = '', can, ttl: ttlSeconds } = flags;
      const token = createIssuer(config).issue({ identity, name, metadata, grants: [{ room, can }], ttlSeconds });
      // The token alone on standard output, so that it can be piped.
      stdout.write(`${token}\n`);
      const until = new Date(Date.now() + ttlSeconds * 1000).toLocaleString();
      const about = `${identity} may ${can.join(', ')} in ${room} until ${until}.`;
      if (stderr.isTTY) stderr.write(`${paint('gray', about, stderr)}\n`);
    });
}

function parseGrants(text: string): readonly WrittenGrant[] {
  return text.split(',').map((word) => {
    const grant = writtenGrants.find((known) => known === word.trim());
    if (grant === undefined) throw new InvalidArgumentError(`"${word}" is not one of ${writtenGrants.join(', ')}.`);
    return grant;
  });
}

function parseTtl(text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsOf[unit as keyof typeof secondsOf] ?? Number.NaN);
  if (!(seconds >= 1 && seconds <= maxTtlSeconds)) {
    throw new InvalidArgumentError('It must be from 1s to 365d, as in 30s, 15m, 1h, 7d.');
  }
  return seconds;
}
