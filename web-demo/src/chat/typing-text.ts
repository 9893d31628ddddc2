import { nameList } from './name-list.ts';

/** “Ada is writing…”; empty when nobody is. */
export function typingText(names: readonly string[]): string {
  if (names.length === 0) return '';
  return `${nameList(names)} ${names.length === 1 ? 'is' : 'are'} writing…`;
}
