/** What is said to callers, by the name of its file: `npm run prompts` speaks it anew. */
export const words = {
  'pin-enter': 'Please enter your PIN, then press the hash key.',
  'pin-nothing': 'Nothing was entered.',
  'pin-wrong': 'This PIN is not right.',
  'pin-locked': 'There were too many wrong PINs. Please try again later.',
  goodbye: 'Goodbye.',

  'room-entered': 'You are in the room.',
  'room-entered-muted': 'You are in the room, and muted.',
  'room-full': 'The room is full.',
  'room-refused': 'You cannot enter this room.',
  'room-unavailable': 'The room cannot be reached now. Please try again later.',
  'room-recorded': 'This room is being recorded.',

  muted: 'You are muted.',
  unmuted: 'You are not muted any more.',
  'muted-by-moderator': 'A moderator muted you.',
  'unlocked-by-moderator': 'You may speak again. Press star six.',
  'mute-locked': 'Only a moderator can let you speak.',
  'unmute-asked': 'A moderator asks you to speak. Press star six.',
  'hand-raised': 'Your hand is raised.',
  'hand-lowered': 'Your hand is lowered.',
  'hand-lowered-by-moderator': 'A moderator lowered your hand.',
  louder: 'Louder.',
  quieter: 'Quieter.',
  loudest: 'This is as loud as it gets.',
  quietest: 'This is as quiet as it gets.',
  help: 'Press star six to mute yourself or to speak again, star five to raise or lower your hand, star four for less sound, star seven for more, and star nine to leave.',

  'call-busy': 'The line is busy.',
  'call-no-answer': 'Nobody answers.',
  'call-declined': 'The call was declined.',
  'call-unreachable': 'This number cannot be reached.',
  'on-hold': 'You are on hold.',

  'digit-0': 'zero',
  'digit-1': 'one',
  'digit-2': 'two',
  'digit-3': 'three',
  'digit-4': 'four',
  'digit-5': 'five',
  'digit-6': 'six',
  'digit-7': 'seven',
  'digit-8': 'eight',
  'digit-9': 'nine',
  'digit-star': 'star',
  'digit-hash': 'hash',
} as const;

export type PromptName = keyof typeof words;

/** In the order in which they are written. */
export const promptNames = Object.keys(words) as readonly PromptName[];
