import type { PlanStep } from '../dial-plan/decision.ts';
import { readingsOf, whyNotPlain } from '../dial-plan/plain-number.ts';
import type { TrunkData } from '../dial-plan/plan-data.ts';
import type { Ledger } from './ledger.ts';
import { dearest, findAny, findPrefix } from './price.ts';

export const microsOf = (money: number): number => Math.round(money * 1_000_000);

/** What the plan says of a number, beside the limits of trunks. */
export interface Standing {
  /** It goes out whatever the limits say. */
  readonly emergency: boolean;
  /** A rule writes it down as it is. */
  readonly named: boolean;
}

/** All that a trunk's limits are judged by. */
export interface Circumstances {
  readonly trunk: TrunkData;
  readonly number: string;
  readonly standing: Standing;
  /** Calls that are placed or up at this node. */
  readonly calls: number;
  /** Milliseconds until the rate lets another call begin. */
  readonly waitMs: number;
  readonly ledger: Ledger;
  readonly nowMs: number;
}

export interface Judgement {
  /** 403: never to this number. 503: not now. */
  readonly refusal: 403 | 503 | undefined;
  readonly because: string;
  /** Who calls now would be one too many of a burst: the trunk is to be closed. */
  readonly isFraud: boolean;
  /** Of a minute, in millionths. */
  readonly micros: number;
  readonly isExpensive: boolean;
}

/** Whether a call to a number may begin by a trunk, and why not. Every limit there is stands here, and nowhere else. */
export function judge(circumstances: Circumstances): Judgement {
  const { trunk, number, standing, calls, waitMs, ledger, nowMs } = circumstances;
  const { emergency, named } = standing;
  const { limits, fraud, prices, numbers } = trunk;
  const readings = readingsOf(number, numbers);
  const price = dearest(readings, prices);
  const micros = microsOf(price ?? 0);
  const expensive = findAny(readings, fraud.prefixes);
  const isDear = fraud.pricePerMinute > 0 && (price ?? 0) >= fraud.pricePerMinute;
  const isExpensive = !emergency && (expensive !== undefined || isDear);
  const say = (refusal: Judgement['refusal'], because: string, isFraud = false): Judgement => ({
    refusal,
    because,
    isFraud,
    micros,
    isExpensive,
  });
  if (emergency) return say(undefined, `${number} is an emergency number: no limit holds`);

  const strange = named || limits.allow.includes(number) ? undefined : whyNotPlain(number, numbers);
  if (strange !== undefined)
    return say(403, `${number} is no plain number, and neither a rule nor the trunk names it: ${strange}`);
  const denied = findAny(readings, limits.deny);
  if (denied !== undefined) return say(403, `numbers that begin with ${denied} are denied`);
  if (limits.allow.length > 0 && findPrefix(number, limits.allow) === undefined)
    return say(403, `${number} begins with none of the prefixes that are allowed`);
  if (limits.spendPerDay > 0 && price === undefined) return say(403, `${number} has no price, and spend is limited`);

  if (ledger.closed !== undefined) return say(503, `it is closed: ${ledger.closed.because}`);
  const all = calls + ledger.elsewhere.calls;
  if (limits.calls > 0 && all >= limits.calls) return say(503, `${all} calls of ${limits.calls} are there`);
  if (waitMs > 0) return say(503, `more than ${limits.callsPerSecond} calls a second would begin`);
  const { minutes, micros: spent } = dayOf(ledger);
  if (limits.minutesPerDay > 0 && minutes >= limits.minutesPerDay)
    return say(503, `the ${limits.minutesPerDay} minutes of the day are used up`);
  if (limits.spendPerDay > 0 && spent + micros > microsOf(limits.spendPerDay))
    return say(503, `the day’s ${limits.spendPerDay} would be exceeded: ${money(spent)} are spent`);
  if (isExpensive) {
    const burst = burstOf(trunk, ledger, nowMs);
    const tooDear = fraud.spend > 0 && burst.micros + micros > microsOf(fraud.spend);
    if (burst.calls >= fraud.calls || tooDear) return say(503, fraudText(trunk, burst), true);
  }
  return say(undefined, price === undefined ? 'its limits let it' : `its limits let it, for ${price} a minute`);
}

/** Why a call that is up may not go on for another minute; undefined: it may. */
export function judgeMinute(
  { trunk, ledger, nowMs }: Pick<Circumstances, 'trunk' | 'ledger' | 'nowMs'>,
  { micros, isExpensive }: Judgement,
): { readonly because: string; readonly isFraud: boolean } | undefined {
  const { limits, fraud } = trunk;
  const { minutes, micros: spent } = dayOf(ledger);
  const say = (because: string, isFraud = false) => ({ because, isFraud });
  if (limits.minutesPerDay > 0 && minutes >= limits.minutesPerDay) return say('the minutes of the day are used up');
  if (limits.spendPerDay > 0 && spent + micros > microsOf(limits.spendPerDay)) return say('the day’s money is used up');
  if (!isExpensive || fraud.spend === 0) return undefined;
  const burst = burstOf(trunk, ledger, nowMs);
  return burst.micros + micros > microsOf(fraud.spend) ? say(fraudText(trunk, burst), true) : undefined;
}

/** With what other nodes have counted. */
function dayOf({ state, elsewhere }: Ledger): { readonly minutes: number; readonly micros: number } {
  return { minutes: state.minutes + elsewhere.minutes, micros: state.micros + elsewhere.micros };
}

function burstOf({ fraud }: TrunkData, ledger: Ledger, nowMs: number) {
  const { calls, micros } = ledger.burstOf(nowMs, fraud.withinMinutes);
  const { burst } = ledger.elsewhere;
  return { calls: calls + burst.calls, micros: micros + burst.micros };
}

function fraudText(
  { fraud }: TrunkData,
  { calls, micros }: { readonly calls: number; readonly micros: number },
): string {
  return `${calls} calls to expensive numbers, for ${money(micros)}, began within ${fraud.withinMinutes} minutes: it looks like fraud`;
}

export function toStep(trunk: string, { refusal, because }: Judgement): PlanStep {
  return { what: `trunk ${trunk}`, outcome: refusal === undefined ? 'matched' : 'refused', because };
}

function money(micros: number): string {
  return (micros / 1_000_000).toFixed(2);
}
