/** The least that answers a JSON-RPC call: no check, no limit, no error. */
export function answerPing(text: string): string {
  const { id, params } = JSON.parse(text) as { id: number; params: { payload: string } };
  return JSON.stringify({ jsonrpc: '2.0', id, result: { payload: params.payload } });
}
