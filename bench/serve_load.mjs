// What `lucid serve` costs: idle clients with names in the chat, then calls being set up among them.
//   node bench/serve_load.mjs [CLIENTS] [CALLS_A_SECOND] [SECONDS]     needs `npm ci` in tests/browser, lucid in PATH
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Server } from '../tests/browser/lib/server.mjs';

const WebSocket = createRequire(new URL('../tests/browser/package.json', import.meta.url))('ws');
const [clients = 2000, rate = 200, seconds = 10] = process.argv.slice(2).map(Number);
const server = await Server.start(['--rate', '1000']);
const { pid } = server.process;
const status = (key) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(`${key}:\\s+(\\d+)`)[1]) / 1024;
const cpu = () => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const latencies = [];
const open = [];
let finished = 0;
const sdp = 'v=0\r\n'.padEnd(4000, 'a=x\r\n');
const say = (socket, message) => socket.send(JSON.stringify(message));

// A call: offer, answer, ten candidates each way. It is set up when the last has arrived.
function hear(socket, name, text) {
  if (!text.startsWith('{"call":')) return;
  const { type, from, call, n } = JSON.parse(text);
  if (type === 'video-offer') {
    say(socket, { call, type: 'video-answer', from: name, target: from, sdp });
    for (let i = 0; i < 10; ++i) say(socket, { call, type: 'new-ice-candidate', n: i, from: name, target: from, candidate: 'c'.repeat(150) });
  } else if (type === 'video-answer') {
    for (let i = 0; i < 10; ++i) say(socket, { call, type: 'new-ice-candidate', n: i, from: name, target: from, candidate: 'c'.repeat(150) });
  } else if (n === 9 && name === call.by) {
    latencies.push(performance.now() - call.at);
    finished += 1;
  }
}

const began = performance.now();
for (let i = 0; i < clients; ++i) {
  const name = `user${i}`;
  const socket = new WebSocket(new URL('/chat', server.url.replace('http', 'ws')), 'json', { perMessageDeflate: false });
  open.push(socket);
  socket.on('message', (data) => hear(socket, name, data.toString()));
  await new Promise((resolve) => socket.on('open', resolve));
  say(socket, { type: 'username', name });
}
await wait(8000);  // until the last user list is out
console.log(`${clients} clients with names connected in ${((performance.now() - began - 8000) / 1000).toFixed(1)} s: ` +
  `${status('VmRSS').toFixed(0)} MiB resident, ${status('VmHWM').toFixed(0)} MiB at most, ${cpu().toFixed(1)} s of processor`);

const before = cpu();
const start = performance.now();
for (let call = 0; call < rate * seconds; ++call) {
  const due = start + (call / rate) * 1000;
  if (due > performance.now()) await wait(due - performance.now());
  const [a, b] = [(call * 2) % clients, (call * 2 + 1) % clients];
  say(open[a], { call: { by: `user${a}`, at: performance.now() }, type: 'video-offer', from: `user${a}`, target: `user${b}`, sdp });
}
await wait(1000);
const took = (performance.now() - start - 1000) / 1000;
latencies.sort((a, b) => a - b);
console.log(`${finished} of ${rate * seconds} calls set up in ${took.toFixed(1)} s (${(finished / took).toFixed(0)} a second), ` +
  `half within ${latencies[latencies.length >> 1].toFixed(1)} ms, 99 % within ${latencies[Math.floor(latencies.length * 0.99)].toFixed(1)} ms; ` +
  `${(((cpu() - before) / took) * 100).toFixed(0)} % of one core, ${status('VmHWM').toFixed(0)} MiB at most`);
for (const socket of open) socket.terminate();
await server.stop();
