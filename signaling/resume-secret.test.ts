import { expect, test } from 'vitest';
import { ResumeSecret } from './resume-secret.ts';

test('redeem() refuses everything but the secret', () => {
  const secret = new ResumeSecret();
  const { current } = secret;
  for (const wrong of ['', `${current}x`, current.slice(1), new ResumeSecret().current]) {
    expect(secret.redeem(wrong)).toBe(false);
  }
  expect(secret.current).toBe(current);
  expect(secret.redeem(current)).toBe(true);
  expect(secret.current).not.toBe(current);
});

test('a redeemed secret is worth nothing once the client has the next one', () => {
  const secret = new ResumeSecret();
  const first = secret.current;
  secret.redeem(first);
  secret.confirm();
  expect(secret.redeem(first)).toBe(false);
  expect(secret.redeem(secret.current)).toBe(true);
});

test('a redeemed secret stays good while every answer to it is lost', () => {
  const secret = new ResumeSecret();
  const first = secret.current;
  expect(secret.redeem(first)).toBe(true);
  const lost = secret.current;
  expect(secret.redeem(first)).toBe(true);
  expect(secret.redeem(lost)).toBe(false);
});

test('redeeming the next secret ends the one before', () => {
  const secret = new ResumeSecret();
  const first = secret.current;
  secret.redeem(first);
  secret.redeem(secret.current);
  expect(secret.redeem(first)).toBe(false);
});
