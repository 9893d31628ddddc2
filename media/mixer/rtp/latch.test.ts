import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, Latch } from './latch.ts';

const phone: Address = { address: '192.0.2.1', port: 4_000 };
/** What its router makes of it. */
const mapped: Address = { address: '203.0.113.7', port: 31_000 };
const moved: Address = { address: '203.0.113.7', port: 31_002 };
const stranger: Address = { address: '198.51.100.66', port: 6_666 };
const plain = { ssrc: 1, authenticated: false };
const other = { ssrc: 2, authenticated: false };
const secret = { ssrc: 2, authenticated: true };

describe('where the media of a call comes from', () => {
  test('is where the SDP says, when it comes from there', () => {
    const latch = new Latch();
    latch.expect(phone);
    expect(latch.target).toEqual(phone);
    expect(latch.isLatched).toBe(false);
    expect(latch.accepts(phone, plain, 0)).toBe(true);
    expect(latch.isLatched).toBe(true);
    expect(latch.accepts(stranger, other, 10)).toBe(false);
    expect(latch.target).toMatchObject(phone);
    expect(latch.refused).toBe(1);
  });

  test('is where it comes from, for a phone behind a router', () => {
    const latch = new Latch();
    latch.expect(phone);
    expect(latch.accepts(mapped, plain, 0)).toBe(true);
    expect(latch.target).toMatchObject(mapped);
  });

  test('is never a port that nothing can be sent to', () => {
    const latch = new Latch();
    const nowhere = { ...phone, port: 0 };
    expect([latch.fits(nowhere), latch.accepts(nowhere, plain, 0)]).toEqual([false, false]);
    latch.expect(phone, phone.address);
    expect([latch.fits(nowhere), latch.accepts(nowhere, secret, 20)]).toEqual([false, false]);
    expect([latch.target, latch.refused]).toEqual([phone, 2]);
  });

  test('is known before the SDP is, as early media comes', () => {
    const latch = new Latch();
    expect(latch.accepts(mapped, plain, 0)).toBe(true);
    latch.expect(phone, mapped.address);
    expect(latch.target).toMatchObject(mapped);
    expect(latch.accepts(mapped, plain, 20)).toBe(true);
    expect(latch.accepts(stranger, other, 30)).toBe(false);
  });

  test('is heard before the SDP, and after it until who sends from elsewhere', () => {
    const latch = new Latch();
    latch.accepts(stranger, other, 0);
    latch.expect(phone);
    expect(latch.target).toEqual(phone);
    expect(latch.accepts(stranger, other, 20)).toBe(true);
    expect(latch.accepts(mapped, plain, 40)).toBe(true);
    expect(latch.accepts(stranger, other, 60)).toBe(false);
    expect(latch.target).toMatchObject(mapped);
  });

  test('is no stranger who was first, when the phone comes from where its SDP says', () => {
    const latch = new Latch();
    latch.expect(phone);
    latch.accepts(stranger, other, 0);
    expect(latch.accepts(phone, plain, 40)).toBe(true);
    expect(latch.target).toMatchObject(phone);
    expect(latch.accepts(stranger, other, 60)).toBe(false);
  });

  test('is no stranger who was first, when the phone comes from where its signalling comes from', () => {
    const latch = new Latch();
    latch.expect(phone, mapped.address);
    latch.accepts(stranger, other, 0);
    expect(latch.accepts(mapped, plain, 40)).toBe(true);
    expect(latch.accepts(stranger, other, 60)).toBe(false);
    expect(latch.target).toMatchObject(mapped);
  });

  test('moves with its stream after 2 s of silence, and with no other one', () => {
    const latch = new Latch();
    latch.expect(phone);
    latch.accepts(mapped, plain, 0);
    expect(latch.accepts(moved, plain, 1_999)).toBe(false);
    expect(latch.accepts(stranger, other, 2_500)).toBe(false);
    expect(latch.accepts(moved, plain, 2_501)).toBe(true);
    expect(latch.target).toMatchObject(moved);
  });

  test('moves with another stream that has the key', () => {
    const latch = new Latch();
    latch.expect(phone);
    latch.accepts(mapped, { ssrc: 1, authenticated: true }, 0);
    expect(latch.accepts(moved, secret, 1_000)).toBe(false);
    expect(latch.accepts(moved, secret, 2_000)).toBe(true);
  });

  test('is looked for anew when an SDP names another address', () => {
    const latch = new Latch();
    latch.expect(phone);
    latch.accepts(mapped, plain, 0);
    const elsewhere = { address: '192.0.2.99', port: 5_000 };
    latch.expect(elsewhere);
    expect(latch.target).toEqual(elsewhere);
    // What was under way is heard still, until the new one comes.
    expect(latch.accepts(mapped, plain, 30)).toBe(true);
    expect(latch.target).toEqual(elsewhere);
    expect(latch.accepts(moved, other, 100)).toBe(true);
    expect(latch.target).toMatchObject(moved);
    expect(latch.accepts(mapped, plain, 120)).toBe(false);
  });

  test('is the old one again where a new SDP brought no new one', () => {
    const latch = new Latch();
    latch.expect(phone);
    latch.accepts(mapped, plain, 0);
    latch.expect({ address: phone.address, port: 4_002 });
    for (let nowMs = 20; nowMs <= 540; nowMs += 20) expect(latch.accepts(mapped, plain, nowMs)).toBe(true);
    expect(latch.target).toMatchObject(mapped);
    expect(latch.accepts(stranger, other, 560)).toBe(false);
  });

  test('does not change with an SDP of the same address, nor with one that holds', () => {
    const latch = new Latch();
    latch.expect(phone);
    latch.accepts(mapped, plain, 0);
    latch.expect({ ...phone });
    latch.expect(undefined);
    expect(latch.accepts(stranger, other, 10)).toBe(false);
    expect(latch.target).toMatchObject(mapped);
  });

  test('moves to another thread with all that it was', () => {
    let latch = new Latch();
    const move = () => {
      latch = new Latch({ state: structuredClone(latch.state()) });
    };
    latch.expect(phone, mapped.address);
    move();
    latch.accepts(stranger, other, 0);
    move();
    expect(latch.accepts(mapped, plain, 40)).toBe(true);
    move();
    expect(latch.accepts(stranger, other, 60)).toBe(false);
    latch.expect({ address: phone.address, port: 4_002 });
    move();
    expect(latch.accepts(mapped, plain, 80)).toBe(true);
    move();
    expect(latch.accepts(mapped, plain, 600)).toBe(true);
    expect([latch.target, latch.refused]).toMatchObject([mapped, 1]);
  });

  test('is never a stranger while the phone sends, whatever he sends', () => {
    const strange = fc.record({
      from: fc.record({
        address: fc.constantFrom('198.51.100.66', '198.51.100.67'),
        port: fc.integer({ min: 1, max: 9 }),
      }),
      ssrc: fc.integer({ min: 0, max: 3 }),
      afterMs: fc.integer({ min: 0, max: 1_999 }),
    });
    fc.assert(
      fc.property(fc.array(strange, { maxLength: 50 }), (packets) => {
        const latch = new Latch();
        latch.expect(phone);
        latch.accepts(mapped, plain, 0);
        let nowMs = 0;
        for (const { from, ssrc, afterMs } of packets) {
          expect(latch.accepts(from, { ssrc, authenticated: false }, nowMs + afterMs)).toBe(false);
          nowMs += afterMs;
          expect(latch.accepts(mapped, plain, nowMs)).toBe(true);
        }
        expect(latch.refused).toBe(packets.length);
      }),
    );
  });
});
