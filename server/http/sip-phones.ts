import type { PhonePlaces } from '../../cluster/directory.ts';
import type { Registrar } from '../../sip/registrar/registrar.ts';
import type { Registration } from '../../sip/registrar/registration.ts';
import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';
import type { OperatorCheck } from './operator-check.ts';

export const sipPhonesPath = '/api/v1/sip/phones';

/** Registered phones, as operators are told of them. */
export interface PhoneList {
  readonly node: string;
  /** Those of this node. */
  readonly phones: readonly Pick<
    Registration,
    'identity' | 'uri' | 'from' | 'protocol' | 'userAgent' | 'q' | 'untilMs'
  >[];
  /** Users who have phones at other nodes, which know more of them. Left out: what nodes share cannot be read now. */
  readonly elsewhere?: readonly { readonly identity: string; readonly nodes: readonly string[] }[] | undefined;
}

interface SipPhonesParts {
  readonly registrar: Pick<Registrar, 'registrations' | 'identities'>;
  /** Undefined: there are no other nodes. */
  readonly places: Pick<PhonePlaces, 'whereAre'> | undefined;
  readonly node: string;
  readonly requireOperator: OperatorCheck;
}

/** Users who are asked about at once. */
const usersAtOnce = 1_000;

/** For operators: `GET /api/v1/sip/phones`, of all users, or with `user` of one. */
export function createSipPhonesHandler({ registrar, places, node, requireOperator }: SipPhonesParts): HttpHandler {
  return async (request) => {
    await requireOperator(request);
    const user = request.query.get('user');
    const isWanted = (identity: string) => user === null || identity === user;
    const phones = registrar.registrations
      .filter(({ identity }) => isWanted(identity))
      .map(({ identity, uri, from, protocol, userAgent, q, untilMs }) => ({
        ...{ identity, uri, from, protocol, userAgent, q, untilMs },
      }));
    const identities = registrar.identities.filter(isWanted);
    const elsewhere = places === undefined ? [] : await findElsewhere(places, identities, node).catch(() => undefined);
    const list: PhoneList = { node, phones, elsewhere };
    return jsonAnswer(200, { ...list });
  };
}

async function findElsewhere(
  places: Pick<PhonePlaces, 'whereAre'>,
  identities: readonly string[],
  node: string,
): Promise<NonNullable<PhoneList['elsewhere']>> {
  const found: { readonly identity: string; readonly nodes: readonly string[] }[] = [];
  for (let from = 0; from < identities.length; from += usersAtOnce) {
    for (const [identity, lives] of await places.whereAre(identities.slice(from, from + usersAtOnce))) {
      const nodes = [...new Set(lives.map(nameOfLife))].filter((name) => name !== node);
      if (nodes.length > 0) found.push({ identity, nodes });
    }
  }
  return found;
}

const nameOfLife = (life: string) => life.slice(0, Math.max(life.lastIndexOf('~'), 0));
