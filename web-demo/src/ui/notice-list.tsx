import type { Notices } from '../state/notices.ts';
import { Icon } from './icon.tsx';
import { IconButton } from './icon-button.tsx';

/** Two live regions that are always there: a region that comes together with its text is often not read. */
export function NoticeList({ notices }: { notices: Notices }) {
  const list = notices.list.value;
  return (
    <div class="notices">
      {(['problem', 'info'] as const).map((tone) => (
        <div key={tone} role={tone === 'problem' ? 'alert' : 'status'}>
          {list
            .filter((notice) => notice.tone === tone)
            .map((notice) => (
              <div key={notice.id} class="notice" data-tone={tone}>
                {tone === 'problem' && <Icon name="alert" />}
                <p>{notice.text}</p>
                <IconButton
                  icon="close"
                  label="Dismiss"
                  class="quiet small"
                  onClick={() => notices.dismiss(notice.id)}
                />
              </div>
            ))}
        </div>
      ))}
    </div>
  );
}
