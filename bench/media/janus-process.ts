// Debian's Janus with its VideoRoom plugin, set up as it comes: https://janus.conf.meetecho.com/docs/videoroom

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

const binary = '/usr/bin/janus';
const library = '/usr/lib/x86_64-linux-gnu/janus';
const port = 8188;

export function hasJanus(): boolean {
  return existsSync(binary) && existsSync(join(library, 'plugins'));
}

export interface Janus extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
}

const nothingElse = {
  plugins: 'audiobridge duktape echotest lua nosip recordplay sip streaming textroom videocall voicemail',
  transports: 'http mqtt nanomsg pfunix rabbitmq',
} as const;

function disabled(kind: keyof typeof nothingElse): string {
  const names = nothingElse[kind].split(' ').map((name) => `libjanus_${name}.so`);
  return `${kind}: { disable = "${names.join(',')}" }`;
}

/** Listens on 127.0.0.1 alone; its ICE takes every address but that of the loopback. */
export async function startJanus(): Promise<Janus> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-janus-'));
  const folders = ['plugins', 'transports', 'events', 'loggers'].map(
    (name) => `${name}_folder = "${join(library, name)}"`,
  );
  const files: Readonly<Record<string, string>> = {
    'janus.jcfg': [
      `general: { configs_folder = "${folder}"\n${folders.join('\n')}\ndebug_level = 1 }`,
      disabled('plugins'),
      disabled('transports'),
    ].join('\n'),
    'janus.transport.websockets.jcfg': `general: { json = "compact"\nws = true\nws_port = ${port}\nws_ip = "127.0.0.1" }`,
    'janus.plugin.videoroom.jcfg': 'general: { }',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), `${text}\n`);
  const child = spawn(
    binary,
    ['-F', folder, '-C', join(folder, 'janus.jcfg'), '-L', join(folder, 'janus.log'), '--disable-stdout'],
    {
      stdio: 'ignore',
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `ws://127.0.0.1:${port}`;
  await waitForPort(url);
  return {
    pid: child.pid ?? 0,
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitForPort(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = new WebSocket(url, 'janus-protocol');
    const opened = await new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.close();
    if (opened) return;
    await delay(100);
  }
  throw new Error('Janus does not listen.');
}
