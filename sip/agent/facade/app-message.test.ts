import { expect, test } from 'vitest';
import { readAppMessage } from './app-message.ts';

test.each(['WWW-Authenticate', 'proxy-authenticate'])(
  '%s with several challenges in one line has a line for each',
  (name) => {
    const challenges = [
      'Digest realm="a, Digest b=c", nonce="1", qop="auth,auth-int"',
      'Digest realm="a", nonce="2"',
      'Basic realm="x"',
    ];
    const read = readAppMessage(`SIP/2.0 401 Unauthorized\r\n${name}: ${challenges.join(', ')}\r\n\r\n`);
    const spelled = name.startsWith('p') ? 'Proxy-Authenticate' : 'WWW-Authenticate';
    expect(read?.headers.all(spelled)).toEqual(challenges);
  },
);

test('credentials stay in one line', () => {
  const value = 'Digest username="a", realm="b", response="c"';
  const read = readAppMessage(`OPTIONS sip:x SIP/2.0\r\nAuthorization: ${value}\r\n\r\n`);
  expect(read?.headers.all('Authorization')).toEqual([value]);
});
