// What `parley drain` asks of a node, asked of one of a test.

import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../core/clock.ts';
import { clusterSecretOf } from '../../server/cluster/cluster-secret.ts';
import type { DrainStatus } from '../../server/cluster/node-drain.ts';
import { OperatorTokens } from '../../server/cluster/operator-tokens.ts';
import type { Config } from '../../server/config/schema.ts';
import { drainPath } from '../../server/http/drain.ts';

/** Of nodes with `dev`. */
const secret = clusterSecretOf({ cluster: { secret: '' } } as Pick<Config, 'cluster'>);

/** `status` and `undo` as `--status` and `--undo`; otherwise it begins. */
export async function drainNode(
  node: { readonly url: string },
  what: { readonly deadlineMs: number } | 'status' | 'undo',
): Promise<DrainStatus> {
  const method = what === 'status' ? 'GET' : what === 'undo' ? 'DELETE' : 'POST';
  const text = typeof what === 'object' ? JSON.stringify(what) : '';
  const tokens = new OperatorTokens({ secret, clock: systemClock });
  const token = tokens.sign({ method, path: drainPath, body: new TextEncoder().encode(text) });
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${node.url}${drainPath}`, { method, headers, ...(text && { body: text }) });
  if (answer.status === 429) {
    const { error } = (await answer.json()) as { error: { retryAfterMs: number } };
    await delay(error.retryAfterMs);
    return drainNode(node, what);
  }
  if (!answer.ok) throw new Error(`the node answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as DrainStatus;
}
