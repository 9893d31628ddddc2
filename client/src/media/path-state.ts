// How the media path of one direction comes up, is mended and is made anew: states, events, and nothing else.

export type PathState =
  /** Nothing to carry yet. */
  | { readonly name: 'idle' }
  /** The server was asked for a transport. */
  | { readonly name: 'opening'; readonly tries: number }
  /** A pause before the server is asked again. */
  | { readonly name: 'waiting'; readonly tries: number }
  /** There is a transport; nothing has used it yet. */
  | { readonly name: 'open'; readonly tries: number }
  /** ICE and DTLS are on their way. */
  | { readonly name: 'connecting'; readonly tries: number }
  | { readonly name: 'up' }
  /** ICE hears nothing from the other end, and may again in a moment. */
  | { readonly name: 'shaky' }
  /** The server was asked for new ICE credentials. */
  | { readonly name: 'restarting'; readonly restarts: number }
  /** The new credentials are in use; the path has not come up with them yet. */
  | { readonly name: 'restarted'; readonly restarts: number }
  /** This platform has no media. */
  | { readonly name: 'unsupported' }
  | { readonly name: 'closed' };

export type PathEvent =
  /** There is something to carry. */
  | 'needed'
  | 'opened'
  | 'openFailed'
  | 'unsupported'
  /** What the transport says of itself. */
  | 'connecting'
  | 'connected'
  | 'disconnected'
  | 'failed'
  | 'restarted'
  | 'restartFailed'
  /** The server closed the transport or does not know it. */
  | 'ended'
  /** The time of the state is up. */
  | 'timeUp'
  /** Everything that the server had of this room's media is gone. */
  | 'reset'
  | 'closed';

export type PathAction = 'open' | 'restartIce' | 'drop';

export interface PathStep {
  readonly state: PathState;
  /** To be done in this order. */
  readonly actions: readonly PathAction[];
}

/** So many ICE restarts without success, then another transport. */
const maxRestarts = 2;

/** What follows from an event; events that mean nothing in a state leave it as it is. */
export function nextPathStep(state: PathState, event: PathEvent): PathStep {
  if (event === 'closed') return { state: { name: 'closed' }, actions: hasTransport(state) ? ['drop'] : [] };
  if (event === 'reset') return afterReset(state);
  switch (state.name) {
    case 'idle':
      return event === 'needed' ? open(0) : stay(state);
    case 'opening':
      if (event === 'opened') return become({ name: 'open', tries: state.tries });
      if (event === 'openFailed') return become({ name: 'waiting', tries: state.tries + 1 });
      return event === 'unsupported' ? become({ name: 'unsupported' }) : stay(state);
    case 'waiting':
      return event === 'timeUp' ? open(state.tries) : stay(state);
    case 'open':
    case 'connecting':
      return whileComingUp(state, event);
    case 'up':
      if (event === 'disconnected') return become({ name: 'shaky' });
      return whileUp(state, event);
    case 'shaky':
      if (event === 'connected') return become({ name: 'up' });
      return whileUp(state, event);
    case 'restarting':
      if (event === 'restarted') return become({ name: 'restarted', restarts: state.restarts });
      return event === 'restartFailed' ? restartOrGiveUp(state.restarts) : dropIfEnded(state, event);
    case 'restarted':
      if (event === 'connected') return become({ name: 'up' });
      if (event === 'failed' || event === 'timeUp') return restartOrGiveUp(state.restarts);
      return dropIfEnded(state, event);
    case 'unsupported':
    case 'closed':
      return stay(state);
  }
}

function whileComingUp(state: Extract<PathState, { tries: number }>, event: PathEvent): PathStep {
  switch (event) {
    case 'connecting':
      return become({ name: 'connecting', tries: state.tries });
    case 'connected':
      return become({ name: 'up' });
    case 'failed':
    case 'ended':
    case 'timeUp':
      return dropAndWait(state.tries + 1);
    default:
      return stay(state);
  }
}

function whileUp(state: PathState, event: PathEvent): PathStep {
  if (event === 'failed' || event === 'timeUp') return restartOrGiveUp(0);
  return dropIfEnded(state, event);
}

function afterReset(state: PathState): PathStep {
  if (state.name === 'idle' || state.name === 'unsupported' || state.name === 'closed') return stay(state);
  const { state: opening, actions } = open(0);
  return { state: opening, actions: ['drop', ...actions] };
}

function restartOrGiveUp(restarts: number): PathStep {
  if (restarts >= maxRestarts) return dropAndWait(1);
  return { state: { name: 'restarting', restarts: restarts + 1 }, actions: ['restartIce'] };
}

function dropIfEnded(state: PathState, event: PathEvent): PathStep {
  return event === 'ended' ? dropAndWait(1) : stay(state);
}

function dropAndWait(tries: number): PathStep {
  return { state: { name: 'waiting', tries }, actions: ['drop'] };
}

function open(tries: number): PathStep {
  return { state: { name: 'opening', tries }, actions: ['open'] };
}

function become(state: PathState): PathStep {
  return { state, actions: [] };
}

function stay(state: PathState): PathStep {
  return { state, actions: [] };
}

function hasTransport(state: PathState): boolean {
  return !['idle', 'unsupported', 'closed'].includes(state.name);
}
