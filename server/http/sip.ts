import { isIP } from 'node:net';
import { AppError } from '../../core/errors.ts';
import { outcomeOf } from '../../sip/ladder/outcome.ts';
import type { SipAgent } from '../../sip/open-sip.ts';
import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';
import type { OperatorCheck } from './operator-check.ts';

export const sipCallsPath = '/api/v1/sip/calls';
export const sipExplainPath = '/api/v1/sip/explain';

const mostCalls = 100;

interface SipRouteParts {
  readonly agent: SipAgent;
  readonly requireOperator: OperatorCheck;
}

/**
 * For operators: who calls whom is told to nobody else.
 *
 * - `GET /api/v1/sip/calls`: the newest calls; with `id`, the messages of one.
 * - `POST /api/v1/sip/explain?from=<address>` with a message: what each rule says of it.
 */
export function createSipHandlers({ agent, requireOperator }: SipRouteParts): {
  readonly calls: HttpHandler;
  readonly explain: HttpHandler;
} {
  return {
    async calls(request) {
      await requireOperator(request);
      const id = request.query.get('id');
      const { traces } = agent;
      if (traces === undefined) {
        if (id === null) return jsonAnswer(200, { calls: [], kept: false });
        throw new AppError('SIP_CALL_NOT_FOUND', { callId: '(sip.trace.enabled is off)' });
      }
      if (id === null) {
        const calls = traces.newest(mostCalls).map(({ callId, messages }) => ({
          callId,
          messages: messages.length,
          beganAtMs: messages[0]?.atMs,
          first: messages[0]?.text.split('\r\n', 1)[0],
          outcome: outcomeOf(messages),
          remotes: [...new Set(messages.map(({ remote }) => remote))],
        }));
        return jsonAnswer(200, { calls });
      }
      const call = traces.find(id);
      if (call === undefined) throw new AppError('SIP_CALL_NOT_FOUND', { callId: id.slice(0, 256) });
      return jsonAnswer(200, { ...call });
    },

    async explain(request) {
      await requireOperator(request);
      const from = request.query.get('from') ?? '';
      if (from !== '' && isIP(from) === 0) {
        throw new AppError('BAD_REQUEST', { field: 'from', problem: 'must be an address as in 203.0.113.7' });
      }
      const remote = from === '' ? undefined : { address: from, port: 5060 };
      return jsonAnswer(200, { ...agent.explain(request.body, remote) });
    },
  };
}
