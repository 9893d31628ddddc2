import { expect, test } from 'vitest';
import { register, start } from '../../signaling/testing/call-nodes.ts';
import { readPlan } from '../../sip/dial-plan/file/read-plan.ts';
import { Logins } from '../../sip/dial-plan/logins.ts';
import { Registrar } from '../../sip/registrar/registrar.ts';
import type { HttpRequest } from '../gateway/http-routes.ts';
import { createSipPhonesHandler, sipPhonesPath } from './sip-phones.ts';

const request: HttpRequest = {
  method: 'GET',
  path: sipPhonesPath,
  query: new URLSearchParams(),
  headers: {},
  body: new Uint8Array(),
  remoteAddress: '127.0.0.1',
  peerAddress: '127.0.0.1',
};
const users = 'realm: x\nusers: [{ identity: ann, password: secret }, { identity: ben, password: secret }]\n';

test('users whose phones are at other nodes are told of, as far as that is known', async () => {
  const t = await start('one', 'two');
  const plan = readPlan(users, 'plan.yaml');
  const { clock } = t;
  const logins = new Logins({ clock, refused: () => {} }, plan);
  const registrar = new Registrar({ clock, logins, plan, onListenerError: () => {} });
  register(t, 0, 'ann');
  register(t, 1, 'ben');
  await t.settle();
  const ask = async (places: Parameters<typeof createSipPhonesHandler>[0]['places'], user?: string) => {
    const handler = createSipPhonesHandler({ registrar, places, node: 'one', requireOperator: async () => {} });
    const query = new URLSearchParams(user === undefined ? {} : { user });
    return JSON.parse(String((await handler({ ...request, query })).body));
  };
  const places = t.directories[0]?.phones;
  expect(await ask(places)).toEqual({ node: 'one', phones: [], elsewhere: [{ identity: 'ben', nodes: ['two'] }] });
  expect(await ask(places, 'ann')).toEqual({ node: 'one', phones: [], elsewhere: [] });
  expect(await ask(undefined)).toEqual({ node: 'one', phones: [], elsewhere: [] });
  const away = { whereAre: () => Promise.reject(new Error('Redis is away')) };
  expect(await ask(away)).toEqual({ node: 'one', phones: [] });
});
