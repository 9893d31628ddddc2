// A node of Parley that meets the others in Redis, with all that it asks and tells there: the log of its rooms, its lease, its
// part of each room, calls between nodes.

import { systemClock } from '../../../core/clock.ts';
import { silentLogger } from '../../../core/log.ts';
import { openCluster } from '../../../server/cluster/open-cluster.ts';
import { toSignalingParts } from '../../../server/cluster/to-signaling-parts.ts';
import { createConfig } from '../../../server/config.ts';
import { serve } from '../../chat/servers/serve.ts';
import { startWholeParley } from '../../support/whole-parley.ts';

serve(async ({ redisUrl = '', name = '' }) => {
  const config = createConfig({ dev: true, redis: { url: redisUrl }, node: { name } });
  const cluster = await openCluster(config, { clock: systemClock, log: silentLogger });
  if (cluster === undefined) throw new Error('a node needs a Redis');
  const parley = await startWholeParley(cluster.engines.roomLog, { cluster: toSignalingParts(cluster, config) });
  await cluster.join(() => ({ ready: true, draining: false, rooms: 0, peers: 0, load: 0, promised: 0 }));
  return {
    port: parley.port,
    async close() {
      await parley.close();
      await cluster.close();
    },
  };
});
