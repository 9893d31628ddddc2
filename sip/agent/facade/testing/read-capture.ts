import { readFileSync } from 'node:fs';

/** One frame of a capture of drachtio-server and drachtio-srf. */
export interface CapturedFrame {
  readonly from: 'app' | 'server';
  readonly payload: string;
}

/** A scene out of a real conversation; `\r\n` is written out in the files, and lines of messages are indented. */
export function readCapture(scene: string): CapturedFrame[] {
  const text = readFileSync(new URL(`./captures/${scene}.txt`, import.meta.url), 'utf8');
  return text.split(/^(?=APP>SRV |SRV>APP )/m).map((frame) => {
    const [first = '', ...lines] = frame.trimEnd().split('\n');
    const payload = [first.replace(/^\S+ \d+#/, ''), ...lines.map((line) => line.replace(/^ {3}/, ''))].join('');
    return { from: first.startsWith('APP') ? 'app' : 'server', payload: payload.replaceAll('\\r\\n', '\r\n') };
  });
}
