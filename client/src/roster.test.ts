import { describe, expect, it } from 'vitest';
import { peerInfo, producerInfo, roomSnapshot } from '../test/snapshots.ts';
import { isEmptyChange, Roster } from './roster.ts';

/** A roster, and what it said of producers. */
function createTestRoster() {
  const said: string[] = [];
  const roster = new Roster({
    producerKnown: (peerId, { producerId, paused }) =>
      said.push(`${peerId} sends ${producerId}${paused ? ', paused' : ''}`),
    producerGone: (producerId) => said.push(`${producerId} is gone`),
  });
  return { roster, said };
}

const names = (peers: readonly { peerId: string }[]) => peers.map(({ peerId }) => peerId);

describe('a Roster', () => {
  it('begins with the first page and goes on with the others, without the caller', () => {
    const { roster } = createTestRoster();
    const first = roster.startSnapshot(roomSnapshot({ peers: [peerInfo('a')], nextPageToken: '1' }));
    const second = roster.addPage([peerInfo('me'), peerInfo('b')], { isLast: true });
    expect(names(first.joined)).toEqual(['a']);
    expect(names(second.joined)).toEqual(['b']);
    expect([...roster.peers.keys()]).toEqual(['a', 'b']);
  });

  it('begins with a first page that is empty, and keeps whom it knows until the last one', () => {
    const { roster } = createTestRoster();
    roster.startSnapshot(roomSnapshot({ peers: [peerInfo('a'), peerInfo('b')] }));
    expect(isEmptyChange(roster.startSnapshot(roomSnapshot({ peerCount: 2, nextPageToken: '0' })))).toBe(true);
    const last = roster.addPage([peerInfo('a')], { isLast: true });
    expect([names(last.joined), names(last.left)]).toEqual([[], ['b']]);
  });

  it('a second snapshot says what changed meanwhile', () => {
    const { roster, said } = createTestRoster();
    const sending = (...ids: string[]) => ids.map((id) => producerInfo(id));
    roster.startSnapshot(
      roomSnapshot({
        peers: [
          peerInfo('stays', { producers: sending('p1', 'p2') }),
          peerInfo('leaves', { producers: sending('p3') }),
        ],
      }),
    );
    said.length = 0;
    const change = roster.startSnapshot(
      roomSnapshot({ peers: [peerInfo('stays', { producers: sending('p2', 'p4') }), peerInfo('comes')] }),
    );
    expect(names(change.joined)).toEqual(['comes']);
    expect(names(change.left)).toEqual(['leaves']);
    expect(names(change.changed)).toEqual(['stays']);
    expect(said).toEqual(['p1 is gone', 'stays sends p2', 'stays sends p4', 'p3 is gone']);
  });

  it('an equal snapshot changes nothing', () => {
    const { roster } = createTestRoster();
    const snapshot = roomSnapshot({ peers: [peerInfo('a'), peerInfo('b')] });
    roster.startSnapshot(snapshot);
    expect(isEmptyChange(roster.startSnapshot(structuredClone(snapshot)))).toBe(true);
  });

  it('nobody counts as gone before the last page has come', () => {
    const { roster } = createTestRoster();
    roster.startSnapshot(roomSnapshot({ peers: [peerInfo('a'), peerInfo('b'), peerInfo('c')] }));
    const first = roster.startSnapshot(roomSnapshot({ peers: [peerInfo('a')], nextPageToken: '1' }));
    expect(first.left).toEqual([]);
    // c joined again while the pages were coming: an event, before the page that lacks it.
    roster.add([peerInfo('c')]);
    expect(names(roster.addPage([], { isLast: true }).left)).toEqual(['b']);
    expect([...roster.peers.keys()].sort()).toEqual(['a', 'c']);
  });

  it('a sweep that was cut short is started over by the next snapshot', () => {
    const { roster } = createTestRoster();
    roster.startSnapshot(roomSnapshot({ peers: [peerInfo('a'), peerInfo('b')] }));
    roster.startSnapshot(roomSnapshot({ peers: [], nextPageToken: '1' }));
    const change = roster.startSnapshot(roomSnapshot({ peers: [peerInfo('b')] }));
    expect(names(change.left)).toEqual(['a']);
  });

  it('changes of a peer keep what it sends', () => {
    const { roster } = createTestRoster();
    roster.startSnapshot(roomSnapshot({ peers: [peerInfo('a', { producers: [producerInfo('p1')] })] }));
    roster.update(peerInfo('a', { away: true }));
    expect(roster.peers.get('a')).toMatchObject({ away: true, producers: [{ producerId: 'p1' }] });
    expect(isEmptyChange(roster.update(peerInfo('stranger')))).toBe(true);
  });

  it('a producer is announced, changed and gone', () => {
    const { roster, said } = createTestRoster();
    roster.startSnapshot(roomSnapshot({ peers: [peerInfo('a')] }));
    roster.setProducer('a', producerInfo('p1'));
    roster.setProducer('a', producerInfo('p1', { paused: true }));
    expect(roster.peers.get('a')?.producers).toEqual([producerInfo('p1', { paused: true })]);
    roster.removeProducer('a', 'p1');
    expect(roster.peers.get('a')?.producers).toEqual([]);
    expect(said).toEqual(['a sends p1', 'a sends p1, paused', 'p1 is gone']);
  });

  it('a producer of a peer on a page that has not come yet waits for the page', () => {
    const { roster, said } = createTestRoster();
    roster.startSnapshot(roomSnapshot({ peers: [], nextPageToken: '1' }));
    roster.setProducer('late', producerInfo('p1'));
    expect(said).toEqual([]);
    roster.addPage([peerInfo('late', { producers: [producerInfo('p1')] })], { isLast: true });
    expect(said).toEqual(['late sends p1']);
  });

  it('whoever leaves takes along what it sends, and clearProducers() takes that of everyone', () => {
    const { roster, said } = createTestRoster();
    const peers = ['a', 'b', 'c'].map((id) => peerInfo(id, { producers: id === 'c' ? [] : [producerInfo(`p-${id}`)] }));
    roster.startSnapshot(roomSnapshot({ peers }));
    said.length = 0;
    expect(names(roster.remove(['a', 'unknown']).left)).toEqual(['a']);
    expect(names(roster.clearProducers().changed)).toEqual(['b']);
    expect(said).toEqual(['p-a is gone', 'p-b is gone']);
  });

  it('entries that somebody holds are never changed', () => {
    const { roster } = createTestRoster();
    roster.startSnapshot(roomSnapshot({ peers: [peerInfo('a')] }));
    const held = roster.peers.get('a');
    roster.setProducer('a', producerInfo('p1'));
    expect(held?.producers).toEqual([]);
  });
});
