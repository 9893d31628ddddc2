import { useEffect, useRef } from 'preact/hooks';
import { measureLevel } from './measure-level.ts';

const barCount = 5;

/** Shows that the microphone hears something. Written past the renderer: it changes thirty times a second. */
export function LevelMeter({ track }: { track: MediaStreamTrack }) {
  const meter = useRef<HTMLMeterElement>(null);
  const bars = useRef<HTMLDivElement>(null);

  useEffect(
    () =>
      measureLevel(track, (level) => {
        if (meter.current === null || bars.current === null) return;
        meter.current.value = Math.round(level * 10) * 10;
        bars.current.dataset['bars'] = String(Math.round(level * barCount));
      }),
    [track],
  );

  return (
    <div ref={bars} class="level-meter">
      <meter ref={meter} class="visually-hidden" aria-label="Microphone level" min={0} max={100} value={0} />
      {Array.from({ length: barCount }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}
