import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { Area } from './grid-layout.ts';

/** The size of an element's inside, followed as it changes. Zero until it is laid out for the first time. */
export function useSize(element: RefObject<HTMLElement | null>): Signal<Area> {
  const size = useSignal<Area>({ widthPx: 0, heightPx: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      size.value = { widthPx: width, heightPx: height };
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return size;
}
