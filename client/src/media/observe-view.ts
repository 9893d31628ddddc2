import type { RemoteTrack } from '../api.ts';

/**
 * Tells the server how large an element shows a track, and whether it is seen at all: in its window, on the screen, in a tab
 * that is open. For a track that one element shows; the element may be the video itself or a box that it fills.
 *
 * @returns what ends it. The track counts as not shown from then on.
 */
export function observeView(track: RemoteTrack, element: Element): () => void {
  let isInWindow = true;
  const tell = () => {
    const { width, height } = element.getBoundingClientRect();
    const hidden = !isInWindow || document.visibilityState === 'hidden' || width === 0 || height === 0;
    track.setView({ width: width * devicePixelRatio, height: height * devicePixelRatio, hidden });
  };
  const resizes = new ResizeObserver(tell);
  const crossings = new IntersectionObserver(([crossing]) => {
    isInWindow = crossing?.isIntersecting ?? true;
    tell();
  });
  resizes.observe(element);
  crossings.observe(element);
  document.addEventListener('visibilitychange', tell);
  tell();
  return () => {
    resizes.disconnect();
    crossings.disconnect();
    document.removeEventListener('visibilitychange', tell);
    track.setView({ width: 0, height: 0, hidden: true });
  };
}
