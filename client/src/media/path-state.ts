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
  | { readonly name: 'connecting' }
  | { readonly name: 'up' }
  /** ICE hears nothing from the other end, and may again in a moment. */
  | { readonly name: 'shaky' }
  /** The server was asked for new ICE credentials. */
  | ({ readonly name: 'restarting' } & Restarts)
  /** The new credentials are in use; the path has not come up with them yet. */
  | ({ readonly name: 'restarted' } & Restarts)
  /** A pause before ICE is restarted again. */
  | ({ readonly name: 'resting' } & Restarts)
  /** This platform has no media. */
  | { readonly name: 'unsupported' }
  | { readonly name: 'closed' };

interface Restarts {
  readonly restarts: number;
  /** The transport carried something before. */
  readonly wasUp: boolean;
}

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
  /** Nothing is answered on the path, whatever the transport says of itself. */
  | 'silent'
  /** Something came after ICE was restarted. */
  | 'heard'
  | 'restarted'
  | 'restartFailed'
  /** The platform has another network now: what the old one carried is over, whether ICE has noticed or not. */
  | 'networkChanged'
  /** The server closed the transport or does not know it. */
  | 'ended'
  /** The time of the state is up. */
  | 'timeUp'
  /** Everything that the server had of this room's media is gone. */
  | 'reset'
  /** The session is at another node: this transport carries until another one does. */
  | 'moved'
  | 'closed';

/**
 * `abandon`: a `drop` that the server has to be told of, or the transport would count there until it is found dead. `keep`: a
 * `drop` that is put off until the next one carries.
 */
export type PathAction = 'open' | 'restartIce' | 'drop' | 'abandon' | 'keep';

export interface PathStep {
  readonly state: PathState;
  /** To be done in this order. */
  readonly actions: readonly PathAction[];
}

/**
 * A path that was up and stays silent in spite of new credentials is replaced by another transport at once: one restart
 * repairs what can be repaired so. The server is asked this often for them. A transport that was never up is tried until it
 * comes up or is ended, for the next one would have the same way to go.
 */
const maxAsked = 2;

/** What follows from an event; events that mean nothing in a state leave it as it is. */
export function nextPathStep(state: PathState, event: PathEvent): PathStep {
  if (event === 'closed') return { state: { name: 'closed' }, actions: hasTransport(state) ? ['drop'] : [] };
  if (event === 'reset' || event === 'moved') return afterReset(state, event);
  switch (state.name) {
    case 'idle':
      return event === 'needed' ? open(0) : stay(state);
    case 'opening':
      if (event === 'opened') return become({ name: 'open', tries: state.tries });
      if (event === 'openFailed') return become({ name: 'waiting', tries: state.tries + 1 });
      return event === 'unsupported' ? become({ name: 'unsupported' }) : stay(state);
    case 'waiting':
      return event === 'timeUp' || event === 'networkChanged' ? open(state.tries) : stay(state);
    case 'open':
      if (event === 'connecting') return become({ name: 'connecting' });
      if (event === 'connected') return become({ name: 'up' });
      return event === 'failed' ? rest(0) : dropIfEnded(state, event);
    case 'connecting':
      if (event === 'connected') return become({ name: 'up' });
      return event === 'failed' || event === 'timeUp' ? rest(0) : dropIfEnded(state, event);
    case 'up':
      if (event === 'disconnected') return become({ name: 'shaky' });
      return whileUp(state, event);
    case 'shaky':
      if (event === 'connected') return become({ name: 'up' });
      return whileUp(state, event);
    case 'restarting':
      if (event === 'restarted') return become({ ...state, name: 'restarted' });
      return event === 'restartFailed' ? afterRefusal(state) : dropIfEnded(state, event);
    case 'restarted':
      if (event === 'connected' || event === 'heard') return become({ name: 'up' });
      if (event === 'networkChanged') return restart({ ...state, restarts: 0 });
      return event === 'failed' || event === 'timeUp' ? afterRestart(state) : dropIfEnded(state, event);
    case 'resting':
      if (event === 'connected') return become({ name: 'up' });
      return event === 'timeUp' || event === 'networkChanged' ? restart(state) : dropIfEnded(state, event);
    case 'unsupported':
    case 'closed':
      return stay(state);
  }
}

function whileUp(state: PathState, event: PathEvent): PathStep {
  if (event === 'failed' || event === 'silent' || event === 'timeUp' || event === 'networkChanged')
    return restart({ restarts: 0, wasUp: true });
  return dropIfEnded(state, event);
}

function afterReset(state: PathState, event: 'reset' | 'moved'): PathStep {
  if (state.name === 'idle' || state.name === 'unsupported' || state.name === 'closed') return stay(state);
  const { state: opening, actions } = open(0);
  const carries = state.name === 'up' || state.name === 'shaky';
  return { state: opening, actions: [event === 'moved' && carries ? 'keep' : 'drop', ...actions] };
}

function restart({ restarts, wasUp }: Restarts): PathStep {
  return { state: { name: 'restarting', restarts: restarts + 1, wasUp }, actions: ['restartIce'] };
}

/** It did not help. */
function afterRestart(state: Restarts): PathStep {
  return state.wasUp ? rebuild() : rest(state.restarts);
}

/** The server did not give new credentials, or not in time. */
function afterRefusal(state: Restarts): PathStep {
  if (!state.wasUp) return rest(state.restarts);
  return state.restarts < maxAsked ? restart(state) : rebuild();
}

/** Without a pause: somebody waits to be heard. Should the next one not come up either, that one is patient. */
function rebuild(): PathStep {
  const { state, actions } = open(0);
  return { state, actions: ['abandon', ...actions] };
}

function rest(restarts: number): PathStep {
  return become({ name: 'resting', restarts, wasUp: false });
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
