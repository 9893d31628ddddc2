import type { Choice, ChooseRequest, Route, TrunkCall, TrunkCalls, TrunkMedia } from '../../trunks/route.ts';

export const plainMedia: TrunkMedia = {
  codecs: ['PCMU'],
  srtp: 'optional',
  inBandDtmf: false,
  levelControl: false,
  noiseGate: false,
  comfortNoise: false,
};

/** Trunks whose targets a test names. Each call that they count stands in `log` with what became of it. */
export class MemoryTrunks implements TrunkCalls {
  /** Of every number; the first is tried first. */
  routes: readonly Route[] = [];
  refusal: Choice['refusal'];
  /** Calls that may come by each trunk at once. */
  mostIncoming = 10;
  readonly asked: ChooseRequest[] = [];
  readonly log: string[] = [];
  running = 0;
  cut: ((reason: string) => void) | undefined;

  choose(request: ChooseRequest): Choice {
    this.asked.push(request);
    return { routes: this.refusal === undefined ? this.routes : [], refusal: this.refusal, steps: [] };
  }

  begin(route: Route, cut: (reason: string) => void): TrunkCall {
    this.cut = cut;
    return this.#count(route.trunk);
  }

  beginIncoming(trunk: string): TrunkCall | undefined {
    return this.running >= this.mostIncoming ? undefined : this.#count(`${trunk} incoming`);
  }

  #count(name: string): TrunkCall {
    this.running += 1;
    let isOver = false;
    return {
      answered: () => void this.log.push(`${name} answered`),
      failed: (status) => void this.log.push(`${name} ${status}`),
      ended: () => {
        if (isOver) return;
        isOver = true;
        this.running -= 1;
        this.log.push(`${name} ended`);
      },
    };
  }
}

export function routeTo(trunk: string, port: number, user = '4930123'): Route {
  const uri = `sip:${user}@127.0.0.1:${port}`;
  return { trunk, number: `+${user}`, uri, proxy: uri, headers: {}, credentials: undefined, media: plainMedia };
}
