import { expect, test } from 'vitest';
import { ResumeSecret } from '../resume-secret.ts';
import { hasTicket, sessionHashOf, ticketOf } from './tickets.ts';

const secret = 'the secret of the cluster, which is long enough';
const session = { id: 's_1', identity: 'ada' };

test('a resume secret carries the ticket however often it is redeemed', () => {
  const resume = new ResumeSecret(ticketOf(secret, session));
  const first = resume.current;
  expect(hasTicket(secret, first, session)).toBe(true);
  expect(resume.redeem(first)).toBe(true);
  expect(resume.current).not.toBe(first);
  expect(hasTicket(secret, resume.current, session)).toBe(true);
});

test('a ticket is good for one session, one identity and one cluster', () => {
  const { current } = new ResumeSecret(ticketOf(secret, session));
  expect(hasTicket(secret, current, { ...session, id: 's_2' })).toBe(false);
  expect(hasTicket(secret, current, { ...session, identity: 'bo' })).toBe(false);
  expect(hasTicket(`${secret}!`, current, session)).toBe(false);
  expect(hasTicket(secret, new ResumeSecret().current, session)).toBe(false);
  expect(hasTicket(secret, '', session)).toBe(false);
});

test('the ticket alone resumes nothing where the session is', () => {
  const ticket = ticketOf(secret, session);
  const resume = new ResumeSecret(ticket);
  expect(resume.redeem(ticket)).toBe(false);
  expect(resume.redeem(`.${ticket}`)).toBe(false);
});

test('what other nodes are told of a session does not say its id', () => {
  expect(sessionHashOf('s_1')).toMatch(/^[\w-]{22}$/);
  expect(sessionHashOf('s_1')).not.toBe(sessionHashOf('s_2'));
});
