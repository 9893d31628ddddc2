/**
 * Imports mediasoup for a worker binary. It takes the path from its environment and from nowhere else, once, when it
 * is first imported; so one process has one binary.
 * @throws {Error} when mediasoup was imported for another binary before.
 */
export async function loadMediasoup(workerBin: string): Promise<typeof import('mediasoup')> {
  // biome-ignore lint/style/noProcessEnv: the one way to tell mediasoup; nothing is read.
  process.env['MEDIASOUP_WORKER_BIN'] = workerBin;
  const mediasoup = await import('mediasoup');
  if (mediasoup.workerBin !== workerBin) {
    throw new Error(`mediasoup was loaded with the worker ${mediasoup.workerBin}, it cannot take ${workerBin} too.`);
  }
  return mediasoup;
}
