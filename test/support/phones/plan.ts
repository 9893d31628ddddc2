/** Three users, rooms at 800 and 801, and PIN prompts at 900 (answered) and 901 (by early media). */
export const planOfThree = `
realm: phones.test
algorithms: [MD5]
users:
  - { identity: ann, name: Ann, password: secret, numbers: ['100'] }
  - { identity: ben, name: Ben, password: secret, numbers: ['101'] }
  - { identity: cy, name: Cy, password: secret, numbers: ['102'] }
rules:
  - { name: room, when: { called: '800' }, room: lobby }
  - { name: other room, when: { called: '801' }, room: study }
  - { name: pin, when: { called: '900' }, pin: { rooms: [{ pin: '483920', room: board }] } }
  - { name: early pin, when: { called: '901' }, pin: { rooms: [{ pin: '483920', room: board }], early: true } }
`;
