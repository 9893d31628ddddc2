import { AppError } from '../../core/errors.ts';
import type { Trunks } from '../../sip/trunks/trunks.ts';
import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';
import type { OperatorCheck } from './operator-check.ts';

export const sipTrunksPath = '/api/v1/sip/trunks';
export const sipTrunksOpenPath = '/api/v1/sip/trunks/open';

/**
 * For operators:
 *
 * - `GET /api/v1/sip/trunks`: what each trunk has carried today, and who answers.
 * - `POST /api/v1/sip/trunks/open?trunk=<name>`: one that was closed for fraud is open again.
 */
export function createSipTrunkHandlers({
  trunks,
  requireOperator,
}: {
  readonly trunks: Pick<Trunks, 'states' | 'open'>;
  readonly requireOperator: OperatorCheck;
}): { readonly list: HttpHandler; readonly open: HttpHandler } {
  const list = () => jsonAnswer(200, { trunks: trunks.states });
  return {
    async list(request) {
      await requireOperator(request);
      return list();
    },
    async open(request) {
      await requireOperator(request);
      const trunk = request.query.get('trunk') ?? '';
      if (!trunks.open(trunk)) throw new AppError('SIP_TRUNK_NOT_FOUND', { trunk: trunk.slice(0, 64) });
      return list();
    },
  };
}
