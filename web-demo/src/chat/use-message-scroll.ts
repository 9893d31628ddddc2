// Where the list of messages stands: at its end and following, or where the reader left it while the list grows around.

import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation } from '../state/conversation.ts';
import { unreadFrom } from './unread-line.ts';

/** How far from its end a reader may have scrolled and still follow what comes. */
const nearEndPx = 60;
/** Older messages are asked for before their place is reached. */
const nearTopPx = 400;
/** A page that shows every message ever loaded is slow: at the end only so many are shown. */
const shownAtLeast = 150;
const shownMore = 100;

export interface MessageScroll {
  /** How many of the newest entries are shown. */
  readonly shown: Signal<number>;
  readonly follows: ReadonlySignal<boolean>;
  toEnd(): void;
  onScroll(): void;
}

export function useMessageScroll(conversation: Conversation, list: RefObject<HTMLDivElement | null>): MessageScroll {
  // The unread line is placed when the reader comes, before the list is drawn, and is what comes into view.
  useState(() => conversation.beginReading());
  const shown = useSignal(shownAtLeast);
  const follows = useSignal(conversation.lineAfter.peek() === undefined);
  /** What stands around the unread line is still being loaded. */
  const seeksLine = useRef(false);
  const anchor = useRef<{ key: string; top: number } | undefined>(undefined);
  const entries = conversation.entries.value;
  const last = entries.at(-1);
  const target = conversation.target.value;

  const toEnd = (): void => {
    seeksLine.current = false;
    follows.value = true;
    list.current?.scrollTo({ top: list.current.scrollHeight });
  };

  const remember = (): void => {
    const element = list.current;
    anchor.current = element === null || follows.peek() ? undefined : firstInView(element);
  };

  const growAtTop = (): void => {
    const element = list.current;
    if (element === null || element.scrollTop > nearTopPx || element.clientHeight === 0) return;
    if (shown.peek() < conversation.entries.peek().length) shown.value += shownMore;
    else void conversation.loadOlder();
  };

  const onScroll = (): void => {
    const element = list.current;
    if (element === null || seeksLine.current) return;
    follows.value = element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPx;
    if (follows.peek() && shown.peek() > shownAtLeast) shown.value = shownAtLeast;
    remember();
    growAtTop();
  };

  useLayoutEffect(() => {
    if (conversation.lineAfter.peek() === undefined) toEnd();
    else seeksLine.current = true;
  }, [conversation]);

  const revealLine = (element: HTMLElement): void => {
    const from = unreadFrom(entries, conversation.lineAfter.peek());
    const index = entries.findIndex((entry) => entry.key === from);
    if (index < 0) {
      toEnd();
      return;
    }
    shown.value = Math.max(shown.peek(), entries.length - index + shownMore);
    const line = element.querySelector('[data-tone="unread"]');
    if (line === null) return;
    line.scrollIntoView({ block: 'center' });
    seeksLine.current = false;
    onScroll();
  };

  useLayoutEffect(() => {
    if (last?.kind === 'message' && last.own && last.seq === undefined) toEnd();
  }, [last?.key]);

  // After every change of the list: its end, or the message that was at the top of the view, stays where it was.
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    if (target !== undefined) {
      if (reveal(element, target.id)) {
        conversation.target.value = undefined;
        follows.value = false;
        onScroll();
        return;
      }
      const index = entries.findIndex((entry) => entry.kind === 'message' && entry.id === target.id);
      if (index >= 0) shown.value = Math.max(shown.peek(), entries.length - index + shownMore);
    }
    if (seeksLine.current) {
      element.scrollTop = element.scrollHeight;
      if (conversation.lineReady.peek()) revealLine(element);
      return;
    }
    if (follows.peek()) toEnd();
    else if (anchor.current !== undefined) keep(element, anchor.current);
    remember();
    // A list that is shorter than its frame never scrolls: it asks for more by itself.
    growAtTop();
  }, [
    conversation.entries.value,
    shown.value,
    target,
    conversation.loadingOlder.value,
    conversation.lineReady.value,
    conversation.lineAfter.value,
  ]);

  // A keyboard on the screen makes the list shorter: its end stays in view.
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (follows.peek()) toEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return { shown, follows, toEnd, onScroll };
}

function firstInView(list: HTMLElement): { key: string; top: number } | undefined {
  const { top } = list.getBoundingClientRect();
  for (const element of list.querySelectorAll<HTMLElement>('[data-key]')) {
    const box = element.getBoundingClientRect();
    if (box.bottom > top) return { key: element.dataset['key'] ?? '', top: box.top - top };
  }
  return undefined;
}

function keep(list: HTMLElement, { key, top }: { key: string; top: number }): void {
  const element = list.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (element === null) return;
  const movedPx = element.getBoundingClientRect().top - list.getBoundingClientRect().top - top;
  if (Math.abs(movedPx) > 0.5) list.scrollTop += movedPx;
}

/** Brings a message to the middle, and the focus to it. */
function reveal(list: HTMLElement, id: string): boolean {
  const element = list.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  if (element === null) return false;
  element.scrollIntoView({ block: 'center' });
  element.focus({ preventScroll: true });
  element.dataset['found'] = 'true';
  element.addEventListener('animationend', () => delete element.dataset['found'], { once: true });
  return true;
}
