import { expect, test } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { noBody } from '../messages/message.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Session } from './session.ts';
import { type AgentOnStage, advance, leftOf, nothing, offer, withTwo } from './testing/stage.ts';

/** What an application may do at any time; what does not fit is refused or ignored. */
const actions = ['180', '200', '200', '486', 'INVITE', 'UPDATE', 'INFO', 'CANCEL', 'BYE', 'end', 'wait', 'wait'];

function act(side: AgentOnStage, session: Session | undefined, action: string): void {
  if (session === undefined) return;
  if (/^\d/.test(action)) {
    const open = side.incoming.findLast(({ incoming }) => incoming.request.method === 'INVITE');
    if (open !== undefined) side.respond('INVITE', Number(action), [], action === '200' ? offer : '');
  } else if (action === 'CANCEL') session.cancel();
  else if (action === 'end') session.end('APPLICATION_GONE');
  else if (action !== 'wait') side.within(session, action, [], action === 'INVITE' || action === 'UPDATE' ? offer : '');
}

test('whatever two sides do over a network that loses, doubles and reorders, both end and nothing is left', async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const { clock, network, us, them } = await withTwo(seed);
    network.conditions = { loss: 0.2, duplication: 0.1, jitterMs: 300 };
    const random = createRandom(seed * 7_919);
    const call = us.call('sip:them@192.0.2.2');
    for (const side of [us, them]) {
      side.onRequest = (incoming, session) => {
        // The applications answer all but the INVITEs, which the actions do.
        if (incoming.request.method !== 'INVITE') {
          side.agent.respond(incoming, session, { status: 200, headers: new SipHeaders(), body: noBody });
        }
      };
    }
    for (let step = 0; step < 25; step += 1) {
      const ours = random() < 0.5;
      const side = ours ? us : them;
      const session = ours ? call : them.incoming[0]?.session;
      act(side, session, actions[Math.floor(random() * actions.length)] ?? 'wait');
      us.acknowledge(call);
      await advance(clock, Math.floor(random() * 3_000));
    }
    call.end('APPLICATION_GONE');
    them.incoming[0]?.session?.end('APPLICATION_GONE');
    expect([seed, await leftOf(clock, us, them)]).toEqual([seed, nothing(2)]);
  }
});
