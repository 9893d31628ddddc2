// linphonec without a terminal and without a sound card: it says what a WAV file says, and records what it hears.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { requirePath } from './require.ts';
import { findSipPort } from './sip-port.ts';
import { startSipProcess } from './sip-process.ts';
import { sine, writeWav } from './tones.ts';

export interface LinphoneOptions {
  /** What it says in calls. */
  readonly toneHz: number;
  /** As it names them itself, as in `PCMU`; all others are not offered. */
  readonly codec: 'opus' | 'PCMU' | 'PCMA' | 'G722';
}

export interface Linphone extends AsyncDisposable {
  /** What it heard, whole when its call has ended. */
  readonly recording: string;
  readonly log: string;
  /** A line as somebody would type it. */
  type(line: string): void;
  /** At a server at this port of 127.0.0.1, with the password `secret`. */
  register(user: string, port: number): Promise<void>;
  /** Until it has said so, so many times since the start. */
  said(words: RegExp, times?: number): Promise<unknown>;
}

export async function startLinphone({ toneHz, codec }: LinphoneOptions): Promise<Linphone> {
  // Of SIP, and of media with its reports.
  const port = await findSipPort(2);
  const config = [
    '[sip]',
    ...[`sip_port=${port}`, 'sip_tcp_port=0', 'sip_tls_port=0', 'guess_hostname=1'],
    '[rtp]',
    `audio_rtp_port=${port + 1}`,
    '[sound]',
    'echocancellation=0',
    '',
  ];
  // It keeps databases at home, in a folder that it does not make.
  const home = await mkdtemp(join(tmpdir(), 'parley-linphone-'));
  await mkdir(join(home, '.local/share/linphone'), { recursive: true });
  const phone = await startSipProcess(
    requirePath('linphone'),
    () => ['-c', 'linphonerc'],
    { linphonerc: config.join('\n') },
    {
      input: true,
      env: { HOME: home },
    },
  );
  const recording = join(phone.folder, 'heard.wav');
  const type = (line: string) => phone.write(`${line}\n`);
  const said = (words: RegExp, times = 1) =>
    eventually(
      () => [...phone.log.matchAll(new RegExp(words, 'g'))].length >= times,
      `${words} × ${times} of linphonec`,
      20_000,
    ).catch((error: unknown) => {
      throw new Error(phone.log, { cause: error });
    });
  const close = async () => {
    await phone[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await writeWav(join(phone.folder, 'tone.wav'), {
      sampleRate: 8_000,
      channels: [sine(toneHz, { sampleRate: 8_000, ms: 60_000 })],
    });
    // Its own address is that of an interface of this machine: what it tells of itself is not where its packets come from.
    type('ipv6 disable');
    type('soundcard use files');
    type(`play ${join(phone.folder, 'tone.wav')}`);
    type(`record ${recording}`);
    type('codec list');
    await said(/ G722 \(8000\)/);
    for (const [, at, name] of phone.log.matchAll(/(\d+): (\w+) \(\d+\) (?:enabled|disabled)/g))
      type(`codec ${name === codec ? 'enable' : 'disable'} ${at}`);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    recording,
    get log() {
      return phone.log;
    },
    type,
    async register(user, port) {
      type(`register sip:${user}@127.0.0.1:${port} sip:127.0.0.1:${port} secret`);
      // It does not tell by itself.
      await eventually(
        () => {
          type('status register');
          return /registered, identity/.test(phone.log);
        },
        'the registration of linphonec',
        20_000,
        500,
      ).catch((error: unknown) => {
        throw new Error(phone.log, { cause: error });
      });
    },
    said,
    [Symbol.asyncDispose]: close,
  };
}
