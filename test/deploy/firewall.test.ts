// What operators open must be what the server listens on.

import { expect, test } from 'vitest';
import { createConfig } from '../../server/config.ts';
import { readText } from './read-yaml.ts';

const config = createConfig({ identity: { jwksUrl: 'https://idp.example.org/keys' } });
const rows = [
  ...readText('docs/operations.md').matchAll(/^\| (\d+)(?: to (\d+))? \| ([^|]+) \| [^|]+ \| ([^|]+) \|/gm),
].map(([, from, to, by = '', options = '']) => ({
  from: Number(from),
  to: to === undefined ? undefined : Number(to),
  by: by.split(' and '),
  options: [...options.matchAll(/`([^`]+)`/g)].map(([, option]) => option),
}));
const rowOf = (option: string) => rows.find(({ options: [first] }) => first === option);

test('the table of ports has all that are listened on, with what they are by default', () => {
  const { gateway, media, sip, node } = config;
  expect(rowOf('gateway.port')).toMatchObject({ from: gateway.port, by: ['TCP'] });
  expect(rowOf('media.port')).toMatchObject({ from: media.port, by: ['UDP', 'TCP'] });
  expect(rowOf('sip.listen')).toMatchObject({ from: 5_060, by: sip.listen.map(({ protocol }) => protocol) });
  expect(new Set(sip.listen.map(({ port }) => port))).toEqual(new Set([5_060]));
  expect(rowOf('sip.media.portMin')).toMatchObject({ from: sip.media.portMin, to: sip.media.portMax, by: ['UDP'] });
  expect(rowOf('node.rpcPort')).toMatchObject({ from: 7_900, by: ['TCP'] });
  expect(rowOf('node.pipePortMin')).toMatchObject({ from: node.pipePortMin, to: node.pipePortMax, by: ['UDP'] });
  expect(rows).toHaveLength(6);
});
