// What an application does with REGISTER: asks for the password, keeps where each user is.

import type Srf from 'drachtio-srf';
import type { Clock } from '../../core/clock.ts';
import { hashUser } from '../../sip/agent/digest/algorithms.ts';
import { DigestServer } from '../../sip/agent/digest/digest-server.ts';
import { Nonces } from '../../sip/agent/digest/nonces.ts';

export interface Registrar {
  /** Contacts, by user; one that left is gone. */
  readonly contacts: Map<string, string>;
  /** Where each user's REGISTER came from, as a URI. */
  readonly ways: Map<string, string>;
  /** Answers that said 401. */
  readonly challenges: number;
  register(request: Srf.SrfRequest, response: Srf.SrfResponse): Promise<void>;
}

const realm = 'parley.test';

/** MD5 alone, which is what phones know. */
export function createRegistrar(clock: Clock, passwords: Readonly<Record<string, string>>): Registrar {
  const digest = new DigestServer(realm, new Nonces(clock), ['MD5']);
  const contacts = new Map<string, string>();
  const ways = new Map<string, string>();
  let challenges = 0;
  return {
    contacts,
    ways,
    get challenges() {
      return challenges;
    },
    async register(request, response) {
      const credentials = request.has('Authorization') ? [request.get('Authorization')] : [];
      const verdict = await digest.verify(
        { method: request.method, uri: request.uri, body: Buffer.from(request.body), credentials },
        async (user, algorithm) => {
          const password = passwords[user];
          return password === undefined ? undefined : hashUser(algorithm, user, realm, password);
        },
      );
      if (verdict.outcome !== 'verified') {
        challenges += 1;
        // sip.js sends what it sent the last time once more, count and all, before it asks for a new nonce.
        const again = verdict.outcome === 'stale' || (verdict.outcome === 'refused' && verdict.why === 'replay');
        const [challenge = ''] = digest.challenge(again);
        const status = verdict.outcome === 'refused' && !again ? 403 : 401;
        response.send(status, { headers: { 'WWW-Authenticate': challenge } });
        return;
      }
      const contact = request.get('Contact');
      const expires = /;\s*expires=(\d+)/i.exec(contact)?.[1] ?? (request.get('Expires') || '60');
      const uri = /<([^>]+)>/.exec(contact)?.[1] ?? contact;
      if (expires === '0') contacts.delete(verdict.user);
      else contacts.set(verdict.user, uri);
      ways.set(verdict.user, `sip:${request.source_address}:${request.source_port};transport=${request.protocol}`);
      response.send(200, { headers: expires === '0' ? {} : { Contact: `<${uri}>;expires=${expires}` } });
    },
  };
}
