// baresip without a terminal: a phone that speaks SIP as phones do, told what to do over a socket of its own.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from './eventually.ts';
import { requirePath } from './require.ts';
import { findSipPort } from './sip-port.ts';
import { type SipProcess, startSipProcess, untilListening } from './sip-process.ts';

export interface BaresipOptions {
  /** Of the registrar, at 127.0.0.1; not used with `names`. */
  readonly to: number;
  /** The domain of its account, and the port of the name server at 127.0.0.1 that says where that is. */
  readonly names?: { readonly domain: string; readonly dnsPort: number };
  readonly transport?: 'udp' | 'tcp' | 'tls';
  readonly user?: string;
  readonly password?: string;
  /** Picks up by itself. */
  readonly answers?: boolean;
  /** Registers. */
  readonly registers?: boolean;
  /** For how long, 60 by default: it registers anew a little before. */
  readonly registerSeconds?: number;
  /** As baresip writes them, the first is what it likes best. */
  readonly codecs?: readonly ('PCMU/8000/1' | 'PCMA/8000/1' | 'G722/16000/1' | 'opus/48000/2')[];
  /** `srtp`: where the other side can; `srtp-mand`: or not at all. */
  readonly encryption?: 'srtp' | 'srtp-mand';
  /** Media and its reports by one port (RFC 5761), where the other side can. */
  readonly rtcpMux?: boolean;
  /** What it says in calls: silence by default. */
  readonly sound?: { readonly toneHz: number } | { readonly file: string };
  /** Keeps what it sent and received, a WAV file each for every call: `*-enc.wav` and `*-dec.wav` in its folder. */
  readonly records?: boolean;
}

export interface BaresipEvent {
  readonly type: string;
  readonly param?: string;
}

export interface Baresip extends AsyncDisposable {
  /** Where it takes calls: over UDP and TCP, and over TLS at the next port. */
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  readonly events: readonly BaresipEvent[];
  readonly log: string;
  /** `dial`, `hangup`, `hold`, `resume`, … with what follows it. */
  command(name: string, params?: string): Promise<void>;
  /** Until the registrar has let it in, which it may have before anybody listened to its events. */
  registered(): Promise<unknown>;
  /** Until an event has come `times` since the start. */
  heard(type: string, times?: number): Promise<unknown>;
}

const modules = '/usr/lib/baresip/modules';
const audioModules = ['g711', 'g722', 'opus', 'srtp', 'aubridge', 'ausine', 'aufile'];

function sourceOf(sound: BaresipOptions['sound']): string {
  if (sound === undefined) return 'aubridge,nil';
  return 'toneHz' in sound ? `ausine,${sound.toneHz}` : `aufile,${sound.file}`;
}

export async function startBaresip({
  to,
  names,
  transport = 'udp',
  user = 'alice',
  password = 'secret',
  answers = false,
  registers = true,
  registerSeconds = 60,
  codecs = ['PCMU/8000/1'],
  encryption,
  rtcpMux = false,
  sound,
  records = false,
}: BaresipOptions): Promise<Baresip> {
  // The second one is for TLS.
  const port = await findSipPort(2);
  const control = port + 2;
  const config = [
    `sip_listen 127.0.0.1:${port}`,
    ...(names === undefined ? [] : [`dns_server 127.0.0.1:${names.dnsPort}`]),
    'call_max_calls 8',
    'audio_player aubridge,nil',
    `audio_source ${sourceOf(sound)}`,
    'audio_alert aubridge,nil',
    // What `ausine` has, and no other.
    ...(sound !== undefined && 'toneHz' in sound ? ['ausrc_srate 48000', 'ausrc_channels 2'] : []),
    'snd_path .',
    'rtp_ports 30000-38000',
    `rtcp_mux ${rtcpMux ? 'yes' : 'no'}`,
    `module_path ${modules}`,
    ...[...audioModules, ...(records ? ['sndfile'] : [])].map((name) => `module ${name}.so`),
    'module_tmp account.so',
    ...['menu.so', 'ctrl_tcp.so'].map((name) => `module_app ${name}`),
    `ctrl_tcp_listen 127.0.0.1:${control}`,
  ];
  const parameters = [
    `auth_user=${user}`,
    `auth_pass=${password}`,
    `regint=${registers ? registerSeconds : 0}`,
    `audio_codecs=${codecs.join(',')}`,
    ...(encryption === undefined ? [] : [`mediaenc=${encryption}`]),
    `answermode=${answers ? 'auto' : 'manual'}`,
  ];
  const registrar = names?.domain ?? `127.0.0.1:${to}`;
  const account = `<sip:${user}@${registrar};transport=${transport}>;${parameters.join(';')}`;
  const phone = await startSipProcess(
    requirePath('baresip'),
    (folder) => ['-f', folder, '-n', '127.0.0.1', '-t', '120'],
    { config: `${config.join('\n')}\n`, accounts: `${account}\n`, contacts: '', current_contact: '' },
  );
  try {
    await untilListening(control, 'tcp', phone);
    const line = new ControlLine(connect(control, '127.0.0.1'), phone);
    await line.opened;
    return {
      port,
      pid: phone.pid,
      folder: phone.folder,
      events: line.events,
      get log() {
        return phone.log;
      },
      registered: () => eventually(() => /200 OK .*\[\d+ bindings?\]/.test(phone.log), 'the registration', 20_000),
      command: (name, params) => line.command(name, params),
      heard: (type, times = 1) =>
        eventually(
          () => line.events.filter((event) => event.type === type).length >= times,
          `${type} × ${times}`,
          20_000,
        ).catch((error: unknown) => {
          throw new Error(`baresip has not told ${type}: ${JSON.stringify(line.events)}\n${phone.log}`, {
            cause: error,
          });
        }),
      async [Symbol.asyncDispose]() {
        line.close();
        await phone[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await phone[Symbol.asyncDispose]();
    throw error;
  }
}

/** Messages in JSON, each as `<bytes>:<text>,`. */
class ControlLine {
  readonly events: BaresipEvent[] = [];
  readonly opened: Promise<unknown>;
  readonly #socket: Socket;
  readonly #phone: SipProcess;
  readonly #answers: { readonly ok: boolean; readonly data?: string; readonly token?: string }[] = [];
  #rest = Buffer.alloc(0);
  #last = 0;

  constructor(socket: Socket, phone: SipProcess) {
    this.#socket = socket;
    this.#phone = phone;
    this.opened = once(socket, 'connect');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      for (;;) {
        const colon = this.#rest.indexOf(':');
        const length = Number(this.#rest.toString('latin1', 0, Math.max(colon, 0)));
        if (colon < 0 || this.#rest.length < colon + length + 2) return;
        this.#take(JSON.parse(this.#rest.toString('utf8', colon + 1, colon + 1 + length)));
        this.#rest = this.#rest.subarray(colon + length + 2);
      }
    });
  }

  async command(command: string, params = ''): Promise<void> {
    this.#last += 1;
    const token = String(this.#last);
    const text = JSON.stringify({ command, params, token });
    this.#socket.write(`${Buffer.byteLength(text)}:${text},`);
    const answer = await eventually(() => this.#answers.find((one) => one.token === token), `${command} at baresip`);
    if (!answer.ok) throw new Error(`baresip refused ${command}: ${answer.data}\n${this.#phone.log}`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(message: { readonly event?: boolean; readonly type?: string; readonly param?: string; readonly ok?: boolean }) {
    if (message.event) this.events.push({ type: message.type ?? '', param: message.param ?? '' });
    else this.#answers.push({ ok: false, ...message });
  }
}
