import type { Config } from '../config/schema.ts';
import { type Check, type Finding, fine } from './check.ts';
import { checkDataFolder, checkKeySet, checkKeys, checkWebPage } from './file-checks.ts';
import { answersAsParley, checkGatewayPort, checkMediaAddress, checkMediaPorts } from './port-checks.ts';
import { checkStore, checkStoreInUse } from './store-checks.ts';
import { checkMemory, checkNode, checkOpenFiles } from './system-checks.ts';
import { checkWorker } from './worker-check.ts';

/** Looks at everything that a server of this configuration would need, one after the other; findings come as they are made. */
export async function* examine(config: Config): AsyncGenerator<Finding> {
  const running = await answersAsParley(config);
  const portChecks: readonly Check[] = running ? [] : [checkGatewayPort, checkMediaPorts];
  const { host, port } = config.gateway;
  if (running) yield fine('Ports', `in use by the Parley that is running on ${host} port ${port}`);
  const checks: readonly Check[] = [
    checkNode,
    checkKeys,
    checkKeySet,
    checkDataFolder,
    running ? checkStoreInUse : checkStore,
    checkWebPage,
    ...portChecks,
    checkMediaAddress,
    checkWorker,
    checkOpenFiles,
    checkMemory,
  ];
  for (const check of checks) yield* await check(config);
}
