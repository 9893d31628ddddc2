import { expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { Bindings } from './testing/bindings.ts';
import { compareFrames } from './testing/compare-frames.ts';
import { openFacade } from './testing/open-facade.ts';
import { readCapture } from './testing/read-capture.ts';

const isRecord = (payload: string) => payload.split('|', 2)[1]?.startsWith('cdr:') ?? false;

// What drachtio-server said to drachtio-srf, and what this agent says in its place: every token and every field, but for what
// each side makes up. The other side of the calls says what it said then.
test.each([
  ['ping', undefined],
  ['options', 53_745],
  ['accepted', 5_092],
  ['busy', 5_093],
  ['canceled', 5_094],
  ['reliable', 5_095],
  ['placed', 5_091],
  ['taken-back', 5_090],
  ['unreachable', undefined],
])('%s is told as drachtio-server tells it', async (scene, peerPort) => {
  const opened = await openFacade();
  const app = await opened.app('cdr:attempt', 'cdr:start', 'cdr:stop', 'options', 'invite');
  const peer = await opened.peer();
  const capture = readCapture(scene).map(({ from, payload }) => ({
    from,
    payload: payload
      .replaceAll(/\b5080\b/g, String(opened.portOf()))
      .replaceAll(new RegExp(`\\b${peerPort ?? 'none'}\\b`, 'g'), String(peer.port))
      // Where nothing can be sent from loopback, as to a port where nobody listened.
      .replaceAll('127.0.0.1:5999', '255.255.255.255:5999'),
  }));
  const bindings = new Bindings(capture.map(({ payload }) => payload));
  const skip = app.frames.length;
  const told = (records: boolean) => app.frames.slice(skip).filter((frame) => isRecord(frame) === records);
  const captured = { frames: [] as string[], records: [] as string[] };
  const compare = async (records: boolean, payload: string) => {
    const list = records ? captured.records : captured.frames;
    const at = list.push(payload) - 1;
    const actual = await eventually(() => told(records)[at], `what the server said: ${payload.slice(0, 120)}`);
    expect(compareFrames(payload, actual, bindings)).toEqual([]);
  };

  for (const { from, payload } of capture) {
    if (from === 'app') {
      app.send(bindings.translate(payload));
      continue;
    }
    const [, type, source, bytes] = payload.split('|');
    if (type === 'sip' && source === 'network' && bytes !== '0') {
      const message = payload.slice(payload.indexOf('\r\n') + 2);
      peer.send(bindings.translate(message.replaceAll(/;rport=\d+/g, ';rport')));
    }
    if (!isRecord(payload)) await compare(false, payload);
  }
  // Records may come before or behind the frames that they are about.
  const records = capture.filter(({ from, payload }) => from === 'server' && isRecord(payload));
  for (const { payload } of records) await compare(true, payload);
  expect(told(false)).toHaveLength(captured.frames.length);
});
