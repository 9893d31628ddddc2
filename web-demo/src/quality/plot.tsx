import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { useSize } from '../call/use-size.ts';
import { metricNames, metricText } from './metric-texts.ts';
import type { Metric, TrackHistory } from './track-history.ts';

const heightPx = 44;
/** So that a line on the ground is seen to be one, and noise does not fill the plot. */
const smallestRange: Readonly<Record<Metric, number>> = {
  bitrate: 32_000,
  loss: 0.05,
  rttMs: 50,
  jitterMs: 20,
  framesPerSecond: 10,
};

/** One metric of one track over the last minutes. The text says what the line ends at. */
export function Plot({ history, metric }: { readonly history: TrackHistory; readonly metric: Metric }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const { widthPx } = useSize(host).value;
  const values = history.values[metric];
  const data: uPlot.AlignedData = [[...history.times], [...values]];

  useEffect(() => {
    const target = host.current;
    if (target === null || widthPx === 0) return;
    let closed = false;
    // Most calls never look at a plot.
    void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: Plotter }]) => {
      if (closed) return;
      plot.current = new Plotter({ ...optionsOf(target, metric), width: widthPx, height: heightPx }, data, target);
    });
    return () => {
      closed = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [widthPx, metric]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [history]);

  const now = values.at(-1) ?? 0;
  const highest = Math.max(...values, 0);
  return (
    <figure class="plot">
      <figcaption>
        <span>{metricNames[metric]}</span>
        <span>
          <strong>{metricText(metric, now)}</strong>
          <small> highest {metricText(metric, highest)}</small>
        </span>
      </figcaption>
      <div ref={host} class="plot-line" aria-hidden="true" />
    </figure>
  );
}

function optionsOf(target: HTMLElement, metric: Metric): Omit<uPlot.Options, 'width' | 'height'> {
  // A canvas knows no custom properties: the host has the colour, and it changes with the page's.
  const colour = () => getComputedStyle(target).color;
  return {
    padding: [4, 0, 2, 0],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.1, smallestRange[metric])] } },
    series: [
      {},
      {
        stroke: colour,
        fill: () => colour().replace(/^rgb\((.*)\)$/, 'rgba($1, 0.14)'),
        width: 1.5,
        points: { show: (_, __, first, last) => last - first < 1 },
      },
    ],
  };
}
