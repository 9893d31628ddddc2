import { resolve } from 'node:path';
import type { Started } from '../app.ts';
import type { Config } from '../config/schema.ts';
import { version } from '../package-root.ts';
import { type Output, paint } from './terminal.ts';

/** What a person who started the server wants to know, in one look. */
export function toBanner(config: Config, { url, mediaAddresses }: Started, output: Output): string {
  const label = (text: string) => paint('gray', text.padEnd(9), output);
  const lines = [
    `${paint('bold', 'Parley', output)} ${version}`,
    '',
    `${label('Open')}${paint(['cyan', 'underline'], url, output)}`,
    `${label('Media')}${describeMedia(config, mediaAddresses)}`,
    `${label('Data')}${resolve(config.dataDir)}`,
    `${label('Stop')}Ctrl-C`,
  ];
  if (config.dev) {
    lines.push(
      '',
      `${paint('yellow', 'Development mode:', output)} whoever reaches this page gets a token, so it listens on this machine only.`,
      'How to run it for others: docs/operations.md',
    );
  }
  return `\n${lines.map((line) => (line ? `  ${line}` : '')).join('\n')}\n\n`;
}

function describeMedia({ media: { port } }: Config, addresses: readonly string[]): string {
  const ports = port === 0 ? 'free ports' : `UDP and TCP from port ${port}`;
  return `${addresses.join(' and ')}, ${ports}`;
}
