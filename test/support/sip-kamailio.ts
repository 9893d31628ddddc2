// Kamailio as somebody's provider: a registrar with passwords, a proxy that stays in the way of calls, WebSocket for pages.

import { requirePath } from './require.ts';
import { findSipPort } from './sip-port.ts';
import { startSipProcess, untilListening } from './sip-process.ts';

export interface Kamailio extends AsyncDisposable {
  /** UDP, TCP and WebSocket at 127.0.0.1. */
  readonly port: number;
  readonly pid: number;
  readonly log: string;
}

export interface KamailioOptions {
  /** The port of the agent that calls for anybody else go to. */
  readonly to: number;
  /** Who calls has to say who it is (407), with the password `secret`. */
  readonly asks?: boolean;
}

/** Who registers there has the password `secret`. */
export async function startKamailio({ to, asks = false }: KamailioOptions): Promise<Kamailio> {
  const port = await findSipPort();
  const process = await startSipProcess(
    requirePath('kamailio'),
    (folder) => [
      ...['-f', `${folder}/kamailio.cfg`, '-w', folder, '-Y', folder, '-P', `${folder}/pid`],
      ...['-m', '32', '-M', '4', '-DD', '-E'],
    ],
    { 'kamailio.cfg': config(port, { to, asks }) },
    // It ends its own processes.
    { stop: 'SIGTERM' },
  );
  try {
    await untilListening(port, 'udp', process);
    await untilListening(port, 'tcp', process);
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
  return Object.assign(process, { port });
}

const config = (port: number, { to, asks }: Required<KamailioOptions>) => `#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
tcp_accept_no_cl=yes
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
${[
  'kex',
  'tm',
  'tmx',
  'sl',
  'rr',
  'pv',
  'maxfwd',
  'textops',
  'siputils',
  'usrloc',
  'registrar',
  'auth',
  'nathelper',
  'xhttp',
  'websocket',
]
  .map((name) => `loadmodule "${name}.so"`)
  .join('\n')}
modparam("usrloc", "db_mode", 0)
modparam("registrar", "default_expires", 60)
modparam("nathelper|registrar", "received_avp", "$avp(received)")

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) {
      if ($du == "") handle_ruri_alias();
      t_on_reply("BACK");
      t_relay();
      exit;
    }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("$td", "secret", "0")) { www_challenge("$td", "0"); exit; }
    if (proto == WS) fix_nated_register();
    if (!save("location")) sl_reply_error();
    exit;
  }
${
  asks
    ? `  if (is_method("INVITE")) {
    if (!pv_proxy_authenticate("$td", "secret", "0")) { proxy_challenge("$td", "0"); exit; }
    consume_credentials();
  }`
    : ''
}
  if (proto == WS) add_contact_alias();
  record_route();
  t_on_reply("BACK");
  if (!lookup("location")) $du = "sip:127.0.0.1:${to}";
  t_relay();
}

onreply_route[BACK] {
  if (proto == WS) add_contact_alias();
}

event_route[xhttp:request] {
  if ($hdr(Upgrade) =~ "websocket" && $rm =~ "GET") {
    if (ws_handle_handshake()) exit;
  }
  xhttp_reply("404", "Not Found", "", "");
}
`;
