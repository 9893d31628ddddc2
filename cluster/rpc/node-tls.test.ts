import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip, requirePath } from '../../test/support/require.ts';
import type { RpcTls } from './channel.ts';
import { createTestCluster, startTestNode } from './testing/test-nodes.ts';

/** A certificate of 127.0.0.1 that is its own authority. */
function makeTls(): RpcTls {
  const folder = mkdtempSync(join(tmpdir(), 'parley-rpc-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const what = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    const name = ['-subj', '/CN=node', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync(requirePath('openssl'), ['req', ...what, ...name, ...files], { stdio: 'ignore' });
    return { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!requireOrSkip('openssl'))('with certificates', () => {
  it('nodes of one authority call each other, and nobody else is let in', async () => {
    const tls = makeTls();
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one', { tls });
    await using two = await startTestNode(cluster, 'two', { tls });
    await using stranger = await startTestNode(cluster, 'stranger', { tls: makeTls() });
    await using plain = await startTestNode(cluster, 'plain');
    const all = [one, two, stranger, plain];
    await Promise.all(all.map((node) => node.join()));
    await eventually(() => all.every(({ nodes }) => nodes.others.size === 3), 'they know each other');
    expect(await one.calls.call(two.life, 'ping', {})).toEqual({ life: two.life, alive: true });
    const refused = expect.objectContaining({ reason: 'NODE_UNREACHABLE' });
    for (const node of [stranger, plain]) {
      await expect(node.calls.call(two.life, 'ping', {})).rejects.toEqual(refused);
      await expect(one.calls.call(node.life, 'ping', {})).rejects.toEqual(refused);
    }
    const link = one.calls.link(two.life);
    await eventually(() => link.state === 'up', 'the link is up');
  });
});
