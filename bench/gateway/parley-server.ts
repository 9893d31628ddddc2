// Parley's gateway in front of a signaling that answers at once.

import { silentLogger } from '../../core/log.ts';
import { createGateway } from '../../server/gateway/create-gateway.ts';
import { createEchoEdges } from '../../test/support/echo-edges.ts';
import { benchGatewayOptions } from '../support/bench-options.ts';
import { answerCalls } from '../support/child-calls.ts';
import type { BenchServer } from './sides.ts';

const gateway = createGateway({ options: benchGatewayOptions, edges: createEchoEdges(), log: silentLogger });

answerCalls({ listen: async () => (await gateway.listen()).port } satisfies BenchServer, () => gateway.close());
