import { expect, test } from 'vitest';
import { EventMessage } from '../core/event-message.ts';
import { HeldLink } from './held-link.ts';
import { RecordingLink } from './testing/recording-link.ts';

const tokenExpiring = (expiresAtMs: number) => new EventMessage('tokenExpiring', { expiresAtMs });

test('events wait until release(), in order, and pass afterwards', () => {
  const link = new RecordingLink();
  const held = new HeldLink(link);
  held.send(tokenExpiring(1));
  held.send(tokenExpiring(2));
  expect(link.events).toEqual([]);
  held.release();
  held.release();
  held.send(tokenExpiring(3));
  expect(link.of('tokenExpiring').map(({ expiresAtMs }) => expiresAtMs)).toEqual([1, 2, 3]);
});

test('close() sends what waits before it closes', () => {
  const link = new RecordingLink();
  const held = new HeldLink(link);
  held.send(tokenExpiring(1));
  held.close('TOKEN_EXPIRED');
  expect(link.names()).toEqual(['tokenExpiring']);
  expect(link.closedWith).toBe('TOKEN_EXPIRED');
});

test('release() of one name drops the other events that waited', () => {
  const link = new RecordingLink();
  const held = new HeldLink(link);
  held.send(tokenExpiring(1));
  held.send(new EventMessage('roomLeft', { room: 'standup', reason: 'removed', explanation: '' }));
  held.release('roomLeft');
  held.send(tokenExpiring(2));
  expect(link.names()).toEqual(['roomLeft', 'tokenExpiring']);
});
