import { codeNames } from '../../core/error-maps.ts';
import { type ErrorCode, errorRegistry } from '../../core/errors.ts';

const introduction = `# Errors

Generated from \`core/errors.ts\` and \`core/error-maps.ts\` by \`npm run docs\`. Do not edit.

A failure has a **reason**, which is a stable name for programs, and a **code**, one of gRPC's, which says what kind of failure it is. The code decides what it is
called in each protocol. Texts are for people and may change; what stands in braces is also in \`details\`.

- JSON-RPC: \`error.code\` is the number below, \`error.data\` holds \`reason\`, \`code\`, \`details\` and \`retryAfterMs\` where waiting helps.
- WebSocket: a connection that ends with a failure is closed with the close code below, and the reason as the text of the close frame.
- HTTP: \`{"error": {"reason", "code", "message", "details", "retryAfterMs"}}\` with the status below, and Retry-After where waiting helps.
- SIP: a call is refused with the status below and a \`Reason\` that has the text, with Retry-After where waiting helps.
`;

/** docs/errors.md */
export function toErrorsDoc(): string {
  const codeRows = Object.entries(codeNames).map(
    ([code, { grpc, http, jsonRpc, webSocketClose, sip }]) =>
      `| \`${code}\` | ${grpc} | ${http} | ${jsonRpc} | ${webSocketClose} | ${sip} |`,
  );
  const reasonRows = Object.entries(errorRegistry).map(([reason, { code, text }]) => {
    const { http, jsonRpc, webSocketClose } = codeNames[code as ErrorCode];
    return `| \`${reason}\` | \`${code}\` | ${jsonRpc} | ${webSocketClose} | ${http} | ${text.replaceAll('|', '\\|')} |`;
  });
  return `${introduction}
## Reasons

| reason | code | JSON-RPC | WebSocket | HTTP | text |
| --- | --- | --- | --- | --- | --- |
${reasonRows.join('\n')}

## Codes

| code | gRPC | HTTP | JSON-RPC | WebSocket close | SIP |
| --- | --- | --- | --- | --- | --- |
${codeRows.join('\n')}
`;
}
