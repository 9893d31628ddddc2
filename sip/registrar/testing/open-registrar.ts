import { FakeClock } from '../../../core/fake-clock.ts';
import { DigestClient } from '../../agent/digest/digest-client.ts';
import { SipHeaders } from '../../agent/messages/sip-headers.ts';
import { readPlan } from '../../dial-plan/file/read-plan.ts';
import { Logins } from '../../dial-plan/logins.ts';
import type { SrfHeaders } from '../../drachtio/srf.ts';
import { Registrar, type RegistrarOptions } from '../registrar.ts';

export const users = `
realm: test
algorithms: [MD5]
users:
  - { identity: ann, login: ann-desk, password: right, numbers: [100] }
  - { identity: ben, password: right }
`;

interface Asked {
  readonly contact?: string | readonly string[];
  readonly expires?: number;
  readonly user?: string;
  readonly to?: string;
  readonly password?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly port?: number;
  readonly more?: readonly (readonly [string, string])[];
}

/** A registrar of two users, and a phone that asks it. */
export function openRegistrar(text = users, options: Pick<RegistrarOptions, 'remoteAgent' | 'isProxy'> = {}) {
  const clock = new FakeClock();
  const plan = readPlan(text, 'plan.yaml');
  const refused: string[] = [];
  const published: string[] = [];
  const logins = new Logins({ clock, refused: ({ address }) => refused.push(address) }, plan);
  const registrar = new Registrar({
    clock,
    logins,
    plan,
    publish: (identity, contacts) => published.push(`${identity} ${contacts.length}`),
    onListenerError: (error) => {
      throw error;
    },
    ...options,
  });
  const news: string[] = [];
  registrar.events.on('came', ({ registration }) => news.push(`came ${registration.uri}`));
  registrar.events.on('left', ({ registration, why }) => news.push(`left ${registration.uri} ${why}`));
  let sequence = 0;
  const send = async (fields: readonly (readonly [string, string])[], port = 40_000) => {
    let answer: { status: number; headers: SrfHeaders; reason: string } = { status: 0, headers: {}, reason: '' };
    await registrar.handle({
      method: 'REGISTER',
      uri: 'sip:test',
      headers: SipHeaders.of(fields),
      body: '',
      source: { address: '203.0.113.7', port, protocol: 'udp' },
      answer: (status, { headers = {}, reason = '' } = {}) => {
        answer = { status, headers, reason };
      },
    });
    return answer;
  };
  /** With a password, as a phone does: asked first, then with an answer. */
  const register = async (asked: Asked = {}) => {
    const { user = 'ann-desk', to = user, password = 'right', contact = [], expires, callId = 'a', more = [] } = asked;
    sequence = asked.sequence ?? sequence + 1;
    const fields: (readonly [string, string])[] = [
      ['To', `<sip:${to}@test>`],
      ['Call-ID', callId],
      ['CSeq', `${sequence} REGISTER`],
      ...[contact].flat().map((one) => ['Contact', one] as const),
      ...(expires === undefined ? [] : [['Expires', String(expires)] as const]),
      ...more,
    ];
    const { headers } = await send(fields);
    const challenge = headers['WWW-Authenticate'] ?? '';
    const about = { method: 'REGISTER', uri: 'sip:test', body: new Uint8Array() };
    const answer = new DigestClient({ user, password }).answer([challenge], about, false) ?? '';
    return send([...fields, ['Authorization', answer]], asked.port);
  };
  const uris = (identity = 'ann') => registrar.contactsOf(identity).map(({ uri }) => uri);
  return { clock, registrar, logins, register, send, uris, news, published, refused };
}

/** Contacts of ann. */
export const phone = '<sip:ann@10.0.0.5:5060>';
export const other = '<sip:ann@10.0.0.6:5060>';
