import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { listenerOptions, recordingSocket, refuseAll, startListener } from '../../test/support/start-listener.ts';
import type { ListenerOptions } from './listener.ts';
import { createUwsListener } from './uws.ts';

let folder = '';
const certFile = () => join(folder, 'cert.pem');
const keyFile = () => join(folder, 'key.pem');
const otherKeyFile = () => join(folder, 'other.pem');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-tls-'));
  const make = (key: string, cert: string) =>
    execFileSync(
      'openssl',
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost -keyout ${key} -out ${cert}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
  make(keyFile(), certFile());
  make(otherKeyFile(), join(folder, 'unused.pem'));
  writeFileSync(join(folder, 'garbage.pem'), 'not a PEM file');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('with TLS files it speaks HTTPS and WSS', async () => {
  const recording = recordingSocket();
  using server = await startListener(
    {
      request: () => (body) => ({ status: 200, body: `got ${body.length}` }),
      upgrade: () => ({ handlers: recording.handlers, subprotocol: '' }),
    },
    { tls: { certFile: certFile(), keyFile: keyFile() } },
  );
  const request = httpsRequest({ port: server.port, host: '127.0.0.1', method: 'POST', rejectUnauthorized: false });
  request.end('four');
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('got 4');

  const client = await new TestSocket(`wss://127.0.0.1:${server.port}/`, [], { rejectUnauthorized: false }).opened();
  client.send('hello');
  await eventually(() => recording.events.includes('message hello'), 'the message');
  await client.close();
});

test('TLS files that cannot be used are refused with what is wrong', () => {
  const create = (tls: ListenerOptions['tls']) => () =>
    createUwsListener({ ...listenerOptions, tls }, refuseAll, silentLogger);
  const missing = join(folder, 'missing.pem');
  const garbage = join(folder, 'garbage.pem');
  expect(create({ certFile: certFile(), keyFile: '' })).toThrow(
    'gateway.tls.certFile is set, gateway.tls.keyFile is not',
  );
  expect(create({ certFile: '', keyFile: keyFile() })).toThrow(
    'gateway.tls.keyFile is set, gateway.tls.certFile is not',
  );
  expect(create({ certFile: missing, keyFile: keyFile() })).toThrow(
    `${missing} (gateway.tls.certFile) cannot be read: ENOENT`,
  );
  expect(create({ certFile: certFile(), keyFile: folder })).toThrow(
    `${folder} (gateway.tls.keyFile) cannot be read: EISDIR`,
  );
  expect(create({ certFile: garbage, keyFile: keyFile() })).toThrow(
    `${garbage} (gateway.tls.certFile) is not a PEM certificate`,
  );
  expect(create({ certFile: certFile(), keyFile: garbage })).toThrow(
    `${garbage} (gateway.tls.keyFile) is not a PEM private key`,
  );
  expect(create({ certFile: certFile(), keyFile: otherKeyFile() })).toThrow(
    `${otherKeyFile()} (gateway.tls.keyFile) is not the key of the certificate in ${certFile()}`,
  );
});
