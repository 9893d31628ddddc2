import { useLayoutEffect, useRef } from 'preact/hooks';

/** Plays one video track. Silent: sound has elements of its own. What lies below shows until the first picture is there. */
export function Video({ track, mirrored = false }: { track: MediaStreamTrack; mirrored?: boolean }) {
  const element = useRef<HTMLVideoElement>(null);

  useLayoutEffect(() => {
    const video = element.current;
    if (video === null) return;
    delete video.dataset['shown'];
    video.srcObject = new MediaStream([track]);
    // A refusal is an abort by the next track, or a browser that waits for a gesture and then starts by itself.
    video.play().catch(() => {});
    return () => {
      video.srcObject = null;
    };
  }, [track]);

  return (
    <video
      ref={element}
      class={mirrored ? 'mirrored' : ''}
      autoplay
      playsInline
      muted
      aria-hidden="true"
      tabIndex={-1}
      onLoadedData={(event) => {
        event.currentTarget.dataset['shown'] = 'true';
      }}
    />
  );
}
