import type { PlaceLoad } from './engine.ts';

/** What somebody is about to send and receive together. */
export interface ExpectedFlows {
  readonly sounds: number;
  readonly videoBitsPerSecond: number;
  /** Connecting comes before. */
  readonly join: boolean;
}

export interface PlacementLimits {
  /** Cores that a worker may have in use before a room that stands on it goes on elsewhere. */
  readonly fullAt: number;
  /** Cores that another worker must have less in use: pipes cost something as well. */
  readonly minGain: number;
}

export const placementLimits: PlacementLimits = { fullAt: 0.75, minGain: 0.15 };

/** How long what is expected counts besides what is measured: two readings of the workers' CPU time. */
export const promiseMs = 4_000;

/** As measured (docs/performance.md): what a forwarded packet costs a worker, and a client's ICE and DTLS. */
const secondsPerPacket = 6.5e-6;
const secondsPerJoin = 1e-3;
const packetsPerSound = 50;
const packetsPerVideoBit = 110 / 1e6;
/** Between a tile among many and a speaker. */
export const usualBitsPerPicture = 500_000;
/** Of the flows, for all pipes that a router on another worker needs. */
const costOfPipes = 0.1;
/** In cores. Tells routers without packets from none, so that rooms at rest are spread too. */
const costOfRouter = 0.001;

/** In cores. */
export function costOf({ sounds, videoBitsPerSecond, join }: ExpectedFlows): number {
  const packetsPerSecond = sounds * packetsPerSound + videoBitsPerSecond * packetsPerVideoBit;
  return packetsPerSecond * secondsPerPacket + (join ? (secondsPerJoin * 1000) / promiseMs : 0);
}

interface Choice {
  readonly places: readonly PlaceLoad[];
  /** Cores that are promised at a place and not measured yet. */
  readonly promisedAt: (place: number) => number;
  /** Where the room has a router. */
  readonly roomPlaces: readonly number[];
  /** In cores, of what is to be placed. */
  readonly cost: number;
  readonly limits: PlacementLimits;
}

/**
 * A room stays together while a worker that it stands on has room for more. After that it goes on at the least loaded one,
 * if that is better off by more than its pipes cost. Undefined: there is no worker.
 */
export function choosePlace({ places, promisedAt, roomPlaces, cost, limits }: Choice): number | undefined {
  const weighed = places.map(({ place, load, routers }) => {
    const isHome = roomPlaces.includes(place);
    const expected = load + promisedAt(place);
    return { place, isHome, weight: expected + routers * costOfRouter, after: expected + cost };
  });
  const home = least(weighed.filter(({ isHome }) => isHome));
  const roomy = least(weighed.filter(({ isHome, after }) => isHome && after <= limits.fullAt));
  if (roomy) return roomy.place;
  const best = least(weighed);
  if (!home || !best || best.isHome) return best?.place;
  // Infinite: a worker that does not answer.
  const gain = home.after - (best.after + cost * costOfPipes);
  return gain >= limits.minGain ? best.place : home.place;
}

/** The first of equal ones. */
function least<Weighed extends { readonly weight: number }>(of: readonly Weighed[]): Weighed | undefined {
  return of.reduce<Weighed | undefined>((found, one) => (found && found.weight <= one.weight ? found : one), undefined);
}
