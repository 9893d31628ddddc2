// Which of a client's tracks an offer to send is about.

import type { TrackSource } from '../../media/media.ts';
import { refuseSdp } from '../../media/sdp/sdp-values.ts';
import { servableSections, toSendParameters } from '../../media/sdp/to-rtp.ts';
import type { SdpDescription, SdpSection } from '../../media/sdp/types.ts';
import type { RtpCapabilities, RtpParameters, SdpTrack } from '../../proto/gen/types.ts';

export interface TrackToSend {
  readonly section: SdpSection;
  readonly source: TrackSource;
  /** Undefined: the client did not say. */
  readonly paused: boolean | undefined;
  readonly rtpParameters: RtpParameters;
}

export interface SendPlan {
  readonly offer: SdpDescription;
  readonly tracks: readonly TrackToSend[];
}

/** In the order in which sections without a word about their source get one. */
const sourcesOf: Readonly<Record<'audio' | 'video', readonly TrackSource[]>> = {
  audio: ['microphone'],
  video: ['camera', 'screen'],
};
const kindOf = { microphone: 'audio', 'screen-audio': 'audio', camera: 'video', screen: 'video' } as const;

/**
 * The sections that send something which this server knows, each with its source: as the client names it, as it was before,
 * or by kind. Sections of codecs that are not known are left out, and to be answered as rejected.
 * @throws {AppError} SDP_REFUSED
 */
export function planTracks(
  offer: SdpDescription,
  named: readonly Pick<SdpTrack, 'mid' | 'source' | 'paused'>[],
  sourceBefore: (mid: string) => TrackSource | undefined,
  router: RtpCapabilities,
): SendPlan {
  const servable = new Set(servableSections(offer, router));
  const sending = offer.sections.filter((section) => servable.has(section) && sends(section));
  for (const { mid } of named) {
    if (!offer.sections.some((section) => section.mid === mid)) refuseSdp(`it has no section of the mid ${mid}`);
  }
  const said = sending.map((section) => {
    const track = named.find(({ mid }) => mid === section.mid);
    return { section, track, source: track?.source || sourceBefore(section.mid) };
  });
  const taken = new Set<TrackSource>();
  for (const { section, source } of said) {
    if (source === undefined) continue;
    if (taken.has(source)) refuseSdp(`two sections are of the ${source}`);
    if (kindOf[source] !== section.kind) refuseSdp(`section ${section.index} is no ${source}`);
    taken.add(source);
  }
  return {
    offer,
    tracks: said.map(({ section, track, source }) => {
      const chosen = source ?? firstFree(section, taken);
      taken.add(chosen);
      return {
        section,
        source: chosen,
        paused: track?.paused,
        rtpParameters: toSendParameters(section, router),
      };
    }),
  };
}

function firstFree({ kind, index }: SdpSection, taken: ReadonlySet<TrackSource>): TrackSource {
  const free = kind === 'application' ? undefined : sourcesOf[kind].find((source) => !taken.has(source));
  if (free === undefined) refuseSdp(`it does not say what section ${index} is of (tracks)`);
  return free;
}

function sends({ kind, direction }: SdpSection): boolean {
  return kind !== 'application' && (direction === 'sendonly' || direction === 'sendrecv');
}
