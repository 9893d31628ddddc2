/**
 * Calls `onLevel` about 30 times a second with how loud the track is: 0 for silence, 1 for as loud as it gets.
 * The scale is that of ears (decibels): speech at a normal distance is around 0.6.
 */
export function measureLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  // Started before the first gesture, a context may sleep: without this the meter would stay at nothing.
  void context.resume();
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    onLevel(toLevel(Math.sqrt(sum / samples.length)));
  }, 33);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

const quietestDb = -60;
const loudestDb = -10;

/** From the root mean square of samples between -1 and 1. */
export function toLevel(rootMeanSquare: number): number {
  if (rootMeanSquare <= 0) return 0;
  const decibels = 20 * Math.log10(rootMeanSquare);
  return Math.min(1, Math.max(0, (decibels - quietestDb) / (loudestDb - quietestDb)));
}
