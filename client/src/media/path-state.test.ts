import { describe, expect, it } from 'vitest';
import { nextPathStep, type PathAction, type PathEvent, type PathState } from './path-state.ts';

/** The state that the events lead to, and everything that was to be done on the way. */
function run(
  events: readonly PathEvent[],
  from: PathState = { name: 'idle' },
): { state: PathState; actions: PathAction[] } {
  let state = from;
  const actions: PathAction[] = [];
  for (const event of events) {
    const step = nextPathStep(state, event);
    state = step.state;
    actions.push(...step.actions);
  }
  return { state, actions };
}

const toUp = ['needed', 'opened', 'connecting', 'connected'] as const;

describe('a media path', () => {
  it('opens a transport when there is something to carry, and once only', () => {
    expect(run([...toUp, 'needed', 'needed'])).toEqual({ state: { name: 'up' }, actions: ['open'] });
  });

  it('waits longer each time a transport cannot be had', () => {
    const tries = run(['needed', 'openFailed', 'timeUp', 'openFailed', 'timeUp', 'openFailed']);
    expect(tries).toEqual({ state: { name: 'waiting', tries: 3 }, actions: ['open', 'open', 'open'] });
  });

  it('restarts ICE of a transport that never came up for as long as that takes, with growing pauses', () => {
    const again: PathEvent[] = [
      'timeUp',
      'restarted',
      'timeUp',
      'timeUp',
      'restartFailed',
      'timeUp',
      'restarted',
      'failed',
    ];
    const tries = run(['needed', 'opened', 'connecting', 'failed', ...again]);
    expect(tries.state).toEqual({ name: 'resting', restarts: 3, wasUp: false });
    expect(tries.actions).toEqual(['open', 'restartIce', 'restartIce', 'restartIce']);
    expect(run(['timeUp', 'restarted', 'connected'], tries.state).state).toEqual({ name: 'up' });
    expect(run(['connected'], tries.state).state).toEqual({ name: 'up' });
  });

  it('lets an unused transport be, however long that takes', () => {
    expect(run(['needed', 'opened']).state).toEqual({ name: 'open', tries: 0 });
  });

  it('lets one that carries do so while another is made at another node, and no other', () => {
    expect(run([...toUp, 'moved', 'opened', 'connecting', 'connected'])).toEqual({
      state: { name: 'up' },
      actions: ['open', 'keep', 'open'],
    });
    expect(run([...toUp, 'disconnected', 'moved']).actions).toEqual(['open', 'keep', 'open']);
    expect(run(['needed', 'opened', 'moved']).actions).toEqual(['open', 'drop', 'open']);
    expect(run([...toUp, 'failed', 'moved']).actions).toEqual(['open', 'restartIce', 'drop', 'open']);
    expect(run(['moved'])).toEqual({ state: { name: 'idle' }, actions: [] });
  });

  it('gives a path that went silent a moment before it restarts ICE', () => {
    expect(run([...toUp, 'disconnected', 'connected'])).toEqual({ state: { name: 'up' }, actions: ['open'] });
    expect(run([...toUp, 'disconnected', 'timeUp', 'restarted', 'connected'])).toEqual({
      state: { name: 'up' },
      actions: ['open', 'restartIce'],
    });
  });

  it('restarts ICE at once when it failed', () => {
    expect(run([...toUp, 'failed']).actions).toEqual(['open', 'restartIce']);
  });

  it('restarts ICE at once when nothing is answered, and is up when anything is heard then', () => {
    for (const events of [toUp, [...toUp, 'disconnected']] as const) {
      expect(run([...events, 'silent', 'restarted', 'heard'])).toEqual({
        state: { name: 'up' },
        actions: ['open', 'restartIce'],
      });
    }
  });

  it('what is heard or not heard means nothing before it is up, nor to one that is being mended already', () => {
    for (const events of [[], ['needed'], ['needed', 'opened', 'connecting'], [...toUp, 'failed']] as const) {
      const { state } = run(events);
      expect(run(['silent', 'heard'], state)).toEqual({ state, actions: [] });
    }
  });

  it('makes another transport at once when a restart did not help, and tells the server of the old one', () => {
    for (const end of ['timeUp', 'failed'] as const) {
      expect(run([...toUp, 'disconnected', 'timeUp', 'restarted', end])).toEqual({
        state: { name: 'opening', tries: 0 },
        actions: ['open', 'restartIce', 'abandon', 'open'],
      });
    }
  });

  it('asks for new credentials twice before it makes another transport', () => {
    expect(run([...toUp, 'failed', 'restartFailed']).state).toMatchObject({ name: 'restarting', restarts: 2 });
    const given = run([...toUp, 'failed', 'restartFailed', 'restartFailed']);
    expect(given).toEqual({
      state: { name: 'opening', tries: 0 },
      actions: ['open', 'restartIce', 'restartIce', 'abandon', 'open'],
    });
  });

  it('a path that came back has all its restarts again', () => {
    const given = run([...toUp, 'failed', 'restartFailed', 'restarted', 'connected', 'failed', 'restartFailed']);
    expect(given.state).toEqual({ name: 'restarting', restarts: 2, wasUp: true });
  });

  it.each<readonly [string, readonly PathEvent[], PathAction]>([
    ['that is up', toUp, 'restartIce'],
    ['that is silent already', [...toUp, 'disconnected'], 'restartIce'],
    ['that is being mended', [...toUp, 'failed', 'restarted'], 'restartIce'],
    ['that rests before the next try', ['needed', 'opened', 'connecting', 'failed'], 'restartIce'],
    ['that waits for its transport', ['needed', 'openFailed'], 'open'],
  ])('another network is tried at once by a path %s', (_name, events, action) => {
    const before = run(events);
    const { actions } = run(['networkChanged'], before.state);
    expect(actions).toEqual([action]);
  });

  it('another network means nothing to a path that carries nothing yet, or is being asked for', () => {
    for (const events of [[], ['needed'], ['needed', 'opened'], [...toUp, 'failed']] as const) {
      const { state } = run(events);
      expect(run(['networkChanged'], state)).toEqual({ state, actions: [] });
    }
  });

  it.each<readonly [string, readonly PathEvent[]]>([
    ['up', toUp],
    ['shaky', [...toUp, 'disconnected']],
    ['restarting', [...toUp, 'failed']],
    ['restarted', [...toUp, 'failed', 'restarted']],
    ['open', ['needed', 'opened']],
    ['connecting', ['needed', 'opened', 'connecting']],
    ['resting', ['needed', 'opened', 'connecting', 'failed']],
  ])('a transport that the server ended while %s is replaced', (_name, events) => {
    const { state, actions } = run([...events, 'ended', 'timeUp']);
    expect(state).toMatchObject({ name: 'opening' });
    expect(actions.slice(-2)).toEqual(['drop', 'open']);
  });

  it('a reset starts over at once, whatever was going on', () => {
    for (const events of [
      ['needed'],
      ['needed', 'openFailed'],
      ['needed', 'opened'],
      toUp,
      [...toUp, 'failed'],
    ] as const) {
      const { state, actions } = run([...events, 'reset']);
      expect(state).toEqual({ name: 'opening', tries: 0 });
      expect(actions.slice(-2)).toEqual(['drop', 'open']);
    }
  });

  it('a reset without anything to carry opens nothing', () => {
    expect(run(['reset'])).toEqual({ state: { name: 'idle' }, actions: [] });
  });

  it('does nothing ever again on a platform without media, or when closed', () => {
    const every: PathEvent[] = ['needed', 'opened', 'openFailed', 'connected', 'failed', 'ended', 'timeUp', 'reset'];
    expect(run(['needed', 'unsupported', ...every])).toEqual({ state: { name: 'unsupported' }, actions: ['open'] });
    expect(run([...toUp, 'closed', ...every])).toEqual({ state: { name: 'closed' }, actions: ['open', 'drop'] });
    expect(run(['closed', ...every])).toEqual({ state: { name: 'closed' }, actions: [] });
  });

  it('never opens a second transport without dropping the first', () => {
    // Every sequence of five events, from the beginning: about 760,000 of them.
    const coming: PathEvent[] = ['needed', 'opened', 'openFailed', 'connecting', 'connected', 'disconnected'];
    const going: PathEvent[] = [
      'failed',
      'silent',
      'heard',
      'restarted',
      'restartFailed',
      'networkChanged',
      'ended',
      'timeUp',
      'reset',
    ];
    let opened = 0;
    const visit = (state: PathState, hasTransport: boolean, depth: number): void => {
      if (depth === 0) return;
      for (const event of [...coming, ...going]) {
        const step = nextPathStep(state, event);
        let has = hasTransport || (event === 'opened' && state.name === 'opening');
        for (const action of step.actions) {
          if (action === 'drop' || action === 'abandon') has = false;
          if (action === 'open') opened += 1;
          if (action === 'open' ? has : action === 'restartIce' && !has) {
            expect.unreachable(`${action} after ${event} in ${state.name}`);
          }
        }
        visit(step.state, has, depth - 1);
      }
    };
    visit({ name: 'idle' }, false, 5);
    expect(opened).toBeGreaterThan(1_000);
  });
});
