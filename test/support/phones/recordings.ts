import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Baresip } from '../sip-baresip.ts';
import { readWav } from '../tones.ts';

/** What a phone heard in its calls, the first one first; each is whole when the call has ended. */
export async function heardBy(phone: Pick<Baresip, 'folder'>) {
  const names = readdirSync(phone.folder).filter((name) => name.endsWith('-dec.wav'));
  const sounds = await Promise.all(names.sort().map((name) => readWav(join(phone.folder, name))));
  return sounds.map(({ sampleRate, channels: [pcm = new Int16Array()] }) => ({ sampleRate, pcm }));
}
