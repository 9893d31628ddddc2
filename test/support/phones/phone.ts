import { onTestFinished } from 'vitest';
import { type Baresip, type BaresipOptions, startBaresip } from '../sip-baresip.ts';
import type { PhoneServer } from './phone-server.ts';

/** What each says, so that it is found again in what others hear. */
export const tones = { ann: 440, ben: 1_000, cy: 1_900 } as const;

export type PhoneOptions = Partial<BaresipOptions> & { readonly user: keyof typeof tones };

export interface TestPhone extends Baresip {
  /** Where its server listens for the transport that it has. */
  readonly to: number;
  /** Behind the @ of whom it dials. */
  readonly server: string;
  /** Whose tone it says. */
  readonly user: keyof typeof tones;
}

/** A phone that is registered, says its tone and records what it hears. Closed with the test. */
export async function registeredPhone(
  server: Pick<PhoneServer, 'port' | 'tlsPort'>,
  options: PhoneOptions,
): Promise<TestPhone> {
  const to = options.transport === 'tls' ? server.tlsPort : server.port;
  const phone = await startBaresip({ to, records: true, sound: { toneHz: tones[options.user] }, ...options });
  onTestFinished(() => phone[Symbol.asyncDispose]());
  await phone.registered();
  return Object.assign(phone, { to, server: options.names?.domain ?? `127.0.0.1:${to}`, user: options.user });
}

/** Dials by its own account, and waits until it is answered for the `times`th time. */
export async function dial(phone: TestPhone, called: string, times = 1): Promise<void> {
  await phone.command('dial', `sip:${called}@${phone.server}`);
  await phone.heard('CALL_ESTABLISHED', times);
}

/** Until the recording is whole. */
export async function hangUp(phone: Baresip, times = 1): Promise<void> {
  await phone.command('hangup');
  await phone.heard('CALL_CLOSED', times);
}
