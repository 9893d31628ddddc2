import type { Config } from '../config/schema.ts';
import { createIssuer } from '../identity/create-identity.ts';
import { broken, type Check, type Finding, fine, toMessage, warning } from './check.ts';
import { checkDataFolder, checkKeySet, checkKeys, checkWebPage } from './file-checks.ts';
import { checkDialPlan, checkPhoneMedia } from './phone-checks.ts';
import {
  answersAsParley,
  checkGatewayPort,
  checkMediaAddress,
  checkMediaPorts,
  checkSipPorts,
  localUrl,
} from './port-checks.ts';
import { fetchGuestToken } from './probe-client.ts';
import { examineReach } from './reach.ts';
import { checkRedis } from './redis-checks.ts';
import { checkTurn } from './relay-checks.ts';
import { checkStore, checkStoreInUse } from './store-checks.ts';
import { checkMemory, checkNode, checkOpenFiles } from './system-checks.ts';
import { checkWorker } from './worker-check.ts';

/** Looks at everything that a server of this configuration would need, one after the other; findings come as they are made. */
export async function* examine(config: Config): AsyncGenerator<Finding> {
  const running = await answersAsParley(config);
  const portChecks: readonly Check[] = running ? [] : [checkGatewayPort, checkMediaPorts, checkSipPorts];
  const { host, port } = config.gateway;
  if (running) yield fine('Ports', `in use by the Parley that is running on ${host} port ${port}`);
  const checks: readonly Check[] = [
    checkNode,
    checkKeys,
    checkKeySet,
    checkDataFolder,
    running ? checkStoreInUse : checkStore,
    checkRedis,
    checkWebPage,
    ...portChecks,
    checkMediaAddress,
    checkDialPlan,
    checkPhoneMedia,
    checkWorker,
    checkOpenFiles,
    checkMemory,
  ];
  for (const check of checks) yield* await check(config);
  if (running) yield* examineOwn(config);
  else yield* await checkTurn(config);
}

/** The way from here to a server that runs elsewhere. Nothing of this machine is looked at. */
export async function* examineElsewhere(
  config: Config,
  { url, token: given }: { readonly url: string; readonly token: string | undefined },
): AsyncGenerator<Finding> {
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    yield broken('Address', `${url} is none`, '--url as in https://call.example.org');
    return;
  }
  let token = given;
  try {
    token ??= issueToken(config);
  } catch (error) {
    yield broken('Token', toMessage(error), 'a valid token of that server with --token: parley token makes one');
    return;
  }
  yield* examineReach({ url: url.replace(/\/+$/, ''), token, fromServer: false });
}

/** The way to the server that runs here, and through its relays. */
async function* examineOwn(config: Config): AsyncGenerator<Finding> {
  const { host, port } = config.gateway;
  const url = localUrl(host, port);
  let token: string;
  try {
    // A key for development would be made where there is none, and nothing is to be left behind.
    token = config.dev ? await fetchGuestToken(url) : issueToken(config);
  } catch (error) {
    yield warning('Media path', `not tried: ${toMessage(error)}`, 'parley doctor --url … --token …');
    return;
  }
  yield* examineReach({ url, token, fromServer: true });
}

function issueToken(config: Config): string {
  const grants = [{ room: 'parley-doctor', can: ['join'] }] as const;
  return createIssuer(config).issue({ identity: 'parley-doctor', name: 'parley doctor', grants, ttlSeconds: 300 });
}
