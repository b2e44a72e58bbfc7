// A candidate line taken apart (RFC 8839 5.1), each field in words.

const kinds = {
  host: 'an address of the machine itself',
  srflx: 'the address that a STUN server sees: where the NAT lets us out',
  prflx: 'an address that the other end saw first, in a check',
  relay: 'an address on a TURN server, which forwards',
};
const tcp = { active: 'opens connections', passive: 'waits for connections', so: 'both open at once' };

export function decode(line) {
  const text = line.trim().replace(/^a=/, '').replace(/^candidate:/, '');
  const [foundation, component, transport, priority, address, port, typ, kind, ...rest] = text.split(/\s+/);
  if (typ !== 'typ' || !kinds[kind] || !/^\d+$/.test(port) || !/^\d+$/.test(priority)) return null;
  const more = {};
  for (let i = 0; i + 1 < rest.length; i += 2) more[rest[i]] = rest[i + 1];
  return { foundation, component: Number(component), transport: transport.toLowerCase(), priority: Number(priority), address, port: Number(port), kind, more };
}

export function inWords(it) {
  const of = (name) => it.more[name];
  const out = [
    ['Kind', `${it.kind}: ${kinds[it.kind]}`],
    ['Address', `${it.address.includes(':') ? `[${it.address}]` : it.address}:${it.port}${it.address.endsWith('.local') ? ', a name made up for this page; only the local network can resolve it' : ''}`],
    ['Transport', it.transport === 'tcp' && of('tcptype') ? `tcp, ${of('tcptype')}: ${tcp[of('tcptype')] ?? 'unknown'}` : it.transport],
    ['Component', it.component === 1 ? '1: RTP and everything else' : '2: RTCP on a port of its own'],
    ['Foundation', `${it.foundation}: candidates with the same one are alike, and are checked in turn`],
    // RFC 8445 5.1.2.1
    ['Priority', `${it.priority} = type ${it.priority >>> 24} · 2²⁴ + local ${(it.priority >>> 8) & 0xffff} · 2⁸ + ${256 - it.component}`],
  ];
  if (of('raddr')) out.push(['Related', `${of('raddr')}:${of('rport') ?? '?'}${of('raddr') === '0.0.0.0' ? ', hidden' : `, the ${it.kind === 'relay' ? 'address the TURN server sees' : 'local address behind it'}`}`]);
  if (of('generation')) out.push(['Generation', `${of('generation')}: counts ICE restarts`]);
  if (of('ufrag')) out.push(['User fragment', `${of('ufrag')}: which gathering it belongs to`]);
  if (of('network-id')) out.push(['Network', `${of('network-id')}: the browser's number for the interface`]);
  if (of('network-cost')) out.push(['Cost', `${of('network-cost')}: 0 is a cable, 10 Wi-Fi, 900 mobile, 999 unknown`]);
  return out;
}
