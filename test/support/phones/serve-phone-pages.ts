// One server for the tests of a file in which pages and phones meet: a start of a server and of browsers takes longer than many a
// test.

import { afterAll, afterEach, beforeAll, onTestFinished } from 'vitest';
import type { PartialConfig } from '../../../server/config/schema.ts';
import { startBrowser, type TestBrowser } from '../browser.ts';
import { eventually } from '../eventually.ts';
import { findSipPort } from '../sip-port.ts';
import { servingPage } from '../start-server.ts';
import { openTalkingBrowser } from './page-sound.ts';
import { type PhoneOptions, registeredPhone, type TestPhone, type tones } from './phone.ts';
import { openPhoneServer, type PhoneServer } from './phone-server.ts';

export interface ServedPhonePages {
  readonly server: PhoneServer & {
    /** Where pages speak SIP. */
    readonly wsPort: number;
  };
  /** One whose microphones say that tone, or one whose microphones are not listened to. */
  browser(voice?: keyof typeof tones): Promise<TestBrowser>;
  /** Registered for the test; it signs off at its end, so that nobody rings it after that. */
  phone(options: PhoneOptions): Promise<TestPhone>;
}

/** For the block that calls this; pages are closed after each test, and browsers started when they are wanted first. */
export function servePhonePages(plan: string, config: PartialConfig = {}): ServedPhonePages {
  const browsers = new Map<string, Promise<TestBrowser>>();
  let server: ServedPhonePages['server'] | undefined;
  const running = () => {
    if (server === undefined) throw new Error('There is no server before the tests of the block begin.');
    return server;
  };
  const all = () => Promise.all(browsers.values());

  beforeAll(async () => {
    const [port, wsPort] = [await findSipPort(), await findSipPort()];
    const socket = { address: '127.0.0.1', advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };
    const listen = [
      { ...socket, protocol: 'UDP', port },
      { ...socket, protocol: 'WS', port: wsPort, origins: ['*'] },
    ] as const;
    const sip = { ...config.sip, listen: [...listen] };
    const opened = await openPhoneServer(plan, { ...config, gateway: { ...servingPage, ...config.gateway }, sip });
    server = { ...opened, port, wsPort };
  });
  afterEach(async () => {
    await Promise.all((await all()).map((browser) => browser.closePages()));
  });
  afterAll(async () => {
    const problems = await Promise.allSettled((await all()).map((browser) => browser.close()));
    await server?.close();
    for (const problem of problems) if (problem.status === 'rejected') throw problem.reason;
  });

  return {
    get server() {
      return running();
    },
    browser(voice) {
      const key = voice ?? '';
      const known = browsers.get(key) ?? (voice === undefined ? startBrowser() : openTalkingBrowser(voice));
      browsers.set(key, known);
      return known;
    },
    async phone(options) {
      const phone = await registeredPhone(running(), options);
      onTestFinished(async () => {
        await phone.command('quit').catch(() => {});
        await eventually(() => !isAlive(phone.pid), 'the phone signs off', 5_000);
      });
      return phone;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
