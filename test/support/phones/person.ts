import { onTestFinished } from 'vitest';
import type { CallInfo } from '../../../proto/gen/types.ts';
import { eventually } from '../eventually.ts';
import { TestSocket } from '../rpc-client.ts';
import type { RunningServer } from '../start-server.ts';

export interface Person {
  /** @throws {Error} with the reason of a refusal. */
  call<Result = Readonly<Record<string, unknown>>>(method: string, params?: object): Promise<Result>;
  /** What was told under this name, so far. */
  told<Event = Readonly<Record<string, unknown>>>(name: string): readonly Event[];
  /** Until a call that it takes part in is so. */
  callThat(is: (call: CallInfo) => boolean, what: string): Promise<CallInfo>;
}

const everything = [
  'join',
  'publish',
  'subscribe',
  'chat',
  'history',
  'moderate',
  'record',
  'call',
  'call:number',
] as const;

/** Somebody who is signed in and may do everything, without sound. Closed with the test. */
export async function signIn(server: RunningServer, identity: string): Promise<Person> {
  const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
  onTestFinished(async () => {
    await socket.close();
  });
  let last = 0;
  const person: Person = {
    async call<Result>(method: string, params: object = {}) {
      last += 1;
      const { result, error } = await socket.call(last, method, params);
      if (error !== undefined) throw new Error(`${method}: ${error.data.reason}: ${error.message}`);
      return result as Result;
    },
    told: <Event>(name: string) =>
      socket.received
        .map((message) => message as { readonly method?: string; readonly params?: Event })
        .filter(({ method }) => method === name)
        .flatMap(({ params }) => (params === undefined ? [] : [params])),
    callThat: (is, what) =>
      eventually(
        () =>
          [...person.told<{ call: CallInfo }>('callChanged'), ...person.told<{ call: CallInfo }>('callEnded')]
            .map(({ call }) => call)
            .findLast(is),
        what,
        20_000,
      ),
  };
  await person.call('session.connect', { token: server.issueToken({ identity, can: everything }) });
  return person;
}
