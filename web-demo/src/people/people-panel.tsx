import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Call } from '../state/call.ts';
import type { Person } from '../state/roster.ts';
import { CopyLink } from '../ui/copy-link.tsx';
import { Panel } from '../ui/panel.tsx';
import { PersonDialog } from './person-dialog.tsx';
import type { PersonQuestion } from './person-menu.tsx';
import { PersonRow } from './person-row.tsx';
import { RemovedPeople } from './removed-people.tsx';
import { RoomRules } from './room-rules.tsx';
import { sortPeople } from './sort-people.ts';

/** A longer list is cut: nobody reads thousands of rows, and a page that holds them is slow. */
const rowsAtMost = 500;

export function PeoplePanel({ call, onClose }: { call: Call; onClose: () => void }) {
  const { roster, moderation } = call;
  const asking = useSignal<{ person: Person; question: PersonQuestion } | undefined>(undefined);
  const people = sortPeople(roster.people.value);
  const count = roster.peerCount.value;
  const unlisted = Math.max(0, count - Math.min(people.length, rowsAtMost));

  const canWrite = call.chat.conversations.value[0]?.canWrite === true;
  const asked = asking.value;
  const closeDialog = (): void => {
    asking.value = undefined;
  };
  const message = async (person: Person): Promise<void> => {
    if (await call.chat.openDirect(person)) call.panel.value = 'chat';
  };

  useEffect(() => void moderation.refreshRemoved(), []);

  return (
    <Panel title="People" class="people" onClose={onClose}>
      <div class="people-scroll">
        <div class="people-invite">
          <p>
            <strong>{count}</strong> {count === 1 ? 'person' : 'people'} in the room
          </p>
          {!call.line.ownsRoom.value && <CopyLink room={call.room} roomKey={call.encryption.key} label="Copy link" />}
        </div>
        <ul class="people-list" aria-label="People in the room">
          {people.slice(0, rowsAtMost).map((person) => (
            <PersonRow
              key={person.peerId}
              person={person}
              speaking={roster.speakers.value.has(person.peerId)}
              moderation={moderation}
              onMessage={canWrite ? () => void message(person) : undefined}
              onAsk={(question) => {
                asking.value = { person, question };
              }}
            />
          ))}
        </ul>
        {unlisted > 0 && <p class="people-more">and {unlisted} more</p>}
        <RoomRules moderation={moderation} />
        <RemovedPeople moderation={moderation} />
      </div>
      {asked !== undefined && <PersonDialog {...asked} moderation={moderation} onClose={closeDialog} />}
    </Panel>
  );
}
