import { FakeClock } from '../../../core/fake-clock.ts';
import { readPlan } from '../../dial-plan/file/read-plan.ts';
import { Trunks } from '../trunks.ts';

const users =
  'users: [{ identity: ann, name: Ann, password: x, numbers: [100, +4930111222], callerId: +4930111333 }, { identity: ben, password: x }]';

/** Trunks of a plan on a clock that stands, and what is asked of them by most tests. */
export function openTrunks(trunks: string, more = '', clock = new FakeClock()) {
  const read = (text: string) => readPlan(`${more}\nnumbers: { country: 49 }\n${users}\ntrunks:\n${text}`, 'plan.yaml');
  const all = new Trunks({
    clock,
    plan: read(trunks),
    node: 'a',
    onListenerError: (error) => {
      throw error;
    },
  });
  const news: string[] = [];
  all.events.on('closed', ({ trunk, because }) => news.push(`closed ${trunk}: ${because}`));
  all.events.on('opened', ({ trunk }) => news.push(`opened ${trunk}`));
  const ways = (number = '+4930123456', options = {}) =>
    all.choose({ number, ...options }).routes.map(({ proxy }) => proxy);
  const why = (number = '+4930123456') => {
    const { refusal } = all.choose({ number });
    return refusal && `${refusal.status} ${refusal.reason}`;
  };
  const cuts: string[] = [];
  const begin = (number = '+4930123456') => {
    const [route] = all.choose({ number }).routes;
    return route && all.begin(route, (reason) => cuts.push(reason));
  };
  return { clock, all, news, ways, why, begin, cuts, use: (text: string) => all.use(read(text)) };
}

export const outbound = "outbound: { targets: ['sip:one.example', 'sip:two.example;transport=tcp'], probeSeconds: 0 }";
/** One trunk `p` with limits. */
export const limited = (limits: string, more = '') => `  - { name: p, ${outbound}, limits: { ${limits} }${more} }`;
