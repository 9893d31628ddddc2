import type { Conversation } from '../state/conversation.ts';
import { Dialog } from '../ui/dialog.tsx';
import type { MessageEntry } from './chat-entry.ts';
import { excerpt } from './excerpt.ts';

interface DeleteDialogProps {
  readonly message: MessageEntry;
  readonly conversation: Conversation;
  readonly onClose: () => void;
}

export function DeleteDialog({ message, conversation, onClose }: DeleteDialogProps) {
  return (
    <Dialog title="Delete this message?" onClose={onClose}>
      <p class="delete-text" dir="auto">
        {excerpt(message.text, 160)}
      </p>
      <p>Its text is erased for everyone, and cannot be brought back.</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onClose();
            conversation.delete(message);
          }}
        >
          Delete
        </button>
      </div>
    </Dialog>
  );
}
