// `lucid serve` and those who mean it harm, or only do not read: nobody else notices.
import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { get as getSecure } from 'node:https';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { Server } from './lib/server.mjs';

const open = [];
// A client that keeps what it hears: { socket, say(object), next(matches), closed }
function connect(server, path, options = {}, protocols = []) {
  const socket = new WebSocket(new URL(path, server.url.replace('http', 'ws')), protocols, { rejectUnauthorized: false, ...options });
  open.push(socket);
  const heard = [];
  let look = () => {};
  socket.on('message', (data) => {
    heard.push(JSON.parse(data));
    look();
  });
  socket.on('error', () => {});
  const client = {
    socket,
    heard,
    say: (message) => socket.send(JSON.stringify(message)),
    opened: new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject); }),
    closed: new Promise((resolve) => { socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })); }),
    next: (matches, milliseconds = 5000) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`heard only ${JSON.stringify(heard).slice(0, 2000)}`)), milliseconds);
      look = () => {
        const index = heard.findIndex(matches);
        if (index < 0) return;
        clearTimeout(timer);
        look = () => {};
        resolve(heard.splice(index, 1)[0]);
      };
      look();
    }),
  };
  client.opened.catch(() => {});
  return client;
}
async function user(server, name, path = '/chat') {
  const client = connect(server, path, {}, ['json']);
  await client.next(({ type }) => type === 'id');
  client.say({ type: 'username', name });
  await client.next(({ type }) => type === 'userlist');
  return client;
}
// Whether two others can still call each other, and how long a message takes.
async function works(server) {
  const [ann, bob] = [await user(server, `ann${Math.random()}`), await user(server, 'bob')];
  const name = `bob${Math.random()}`;
  bob.say({ type: 'username', name });
  await bob.next(({ type, users }) => type === 'userlist' && users.includes(name));
  const began = performance.now();
  ann.say({ type: 'video-offer', target: name, sdp: 'v=0' });
  await bob.next(({ type }) => type === 'video-offer');
  const took = performance.now() - began;
  ann.socket.close();
  bob.socket.close();
  return took;
}
const metrics = async (server) => Object.fromEntries((await (await fetch(`${server.url}metrics`)).text())
  .split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(' ')).map(([name, value]) => [name, Number(value)]));
const raw = (server) => new Promise((resolve) => {
  const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1', () => resolve(socket));
  socket.on('error', () => {});
  open.push({ terminate: () => socket.destroy() });
});
const upgrade = 'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

describe('a server with guests of all kinds', () => {
  let server;
  before(async () => { server = await Server.start(['--allow-origin', 'https://good.example']); });
  after(async () => {
    for (const socket of open.splice(0)) socket.terminate();
    await server.stop();
  });

  test('a message of 1 GB is refused by its length', async () => {
    const socket = await raw(server);
    socket.write(upgrade);
    await new Promise((resolve) => socket.once('data', resolve));
    const head = Buffer.alloc(14);
    head[0] = 0x81;
    head[1] = 0xff;
    head.writeBigUInt64BE(1n << 30n, 2);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const frames = [];
    socket.on('data', (data) => frames.push(data));
    socket.write(head);
    await new Promise((resolve) => socket.once('end', resolve));
    const bytes = Buffer.concat(frames);
    assert.equal(bytes.readUInt16BE(bytes.indexOf(0x88) + 2), 1009);
    socket.end();
    await closed;
    assert.ok(await works(server) < 500);
  });

  test('who sends without end is dismissed', async () => {
    const eve = await user(server, 'eve');
    for (let i = 0; i < 3000; ++i) eve.say({ type: 'message', text: 'x' });
    assert.deepEqual(await eve.closed, { code: 1008, reason: 'too many messages' });
    assert.ok(await works(server) < 500);
  });

  test('who does not read is closed, and the others hear all', async () => {
    const slow = await user(server, 'slow');
    slow.socket.pause();
    const [ann, bob] = [await user(server, 'ann'), await user(server, 'bob')];
    for (let i = 0; i < 20; ++i) ann.say({ type: 'blob', i, fill: 'x'.repeat(60_000) });
    await bob.next(({ i }) => i === 19, 10_000);
    const more = [];
    for (let n = 0; n < 10; ++n) more.push(await user(server, `more${n}`));
    // One after the other, so that only who does not read at all falls behind.
    for (const [n, one] of more.entries()) {
      for (let i = 0; i < 15; ++i) one.say({ type: 'blob', n, i, fill: 'x'.repeat(60_000) });
      await Promise.all([bob, ...more].map((each) => each.next((it) => it.n === n && it.i === 14, 10_000)));
    }
    const end = performance.now() + 10_000;
    let left;
    do left = (await metrics(server))['lucid_clients{dialect="chat"}'];
    while (left > 12 && performance.now() < end);
    assert.equal(left, 12);
    assert.ok(await works(server) < 1000);
    for (const one of [ann, bob, ...more]) one.socket.close();
  });

  test('connections that say nothing cost nothing', async () => {
    for (let i = 0; i < 500; ++i) await raw(server);
    const half = await raw(server);
    half.write('GET /chat HT');
    assert.ok(await works(server) < 500);
  });

  test('ten thousand rooms are one at a time', async () => {
    const eve = connect(server, '/rooms');
    await eve.opened;
    for (let i = 0; i < 10_000; ++i) eve.say({ type: 'join', room: `room${i}` });
    await eve.closed;
    assert.equal((await metrics(server))['lucid_rooms{dialect="rooms"}'], 0);
    assert.ok(await works(server) < 500);
  });

  test('a script in a user name reaches nobody', async () => {
    const eve = await user(server, '<script>alert(1)</script>Eve');
    const ann = await user(server, 'ann');
    assert.ok((await user(server, 'bob')).heard.every((message) => !JSON.stringify(message).includes('<')));
    eve.say({ type: 'message', text: '<img src=x onerror=alert(1)>hi' });
    assert.equal((await ann.next(({ type }) => type === 'message')).text, 'hi');
  });

  test('JSON as deep as it is long is dropped', async () => {
    const eve = connect(server, '/rooms');
    await eve.opened;
    eve.socket.send('['.repeat(200_000));
    eve.socket.send(`{"type":"x","a":${'{"a":'.repeat(40_000)}1${'}'.repeat(40_001)}`);
    assert.equal((await eve.next(({ type }) => type === 'error')).error, 'bad-message');
    assert.ok(await works(server) < 500);
  });

  test('pages of other origins stay out, ours and those that are listed come in', async () => {
    const answer = async (origin) => {
      const client = connect(server, '/chat', { origin });
      return client.opened.then(() => 'open', (error) => error.message);
    };
    assert.match(await answer('https://bad.example'), /403/);
    assert.equal(await answer('https://good.example'), 'open');
    assert.equal(await answer(server.url.slice(0, -1)), 'open');
    assert.equal((await fetch(`${server.url}socket.io/?EIO=4&transport=polling`, { headers: { origin: 'https://bad.example' } })).status, 403);
  });

  test('/qr makes pictures of texts that fit into one, and not of more than it has time for', async () => {
    const post = (body, headers = {}) => fetch(`${server.url}qr`, { method: 'POST', body, headers });
    const picture = await post('lucid:short');
    assert.equal(picture.headers.get('content-type'), 'image/svg+xml');
    assert.match(await picture.text(), /^<svg [^>]*viewBox="0 0 29 29"/);  // version 1 with its margin
    assert.equal((await post('x'.repeat(2953))).status, 200);
    const long = await post('x'.repeat(2954));
    assert.equal(long.status, 413);
    assert.match(await long.text(), /too long for a QR code/);
    assert.equal((await post('x'.repeat(50_000_000)).catch(() => ({ status: 413 }))).status, 413);
    assert.equal((await post('')).status, 400);
    assert.equal((await post('x', { origin: 'https://bad.example' })).status, 403);
    const asked = await fetch(`${server.url}qr`);
    assert.deepEqual([asked.status, asked.headers.get('allow')], [405, 'POST']);
    const many = await Promise.all(Array.from({ length: 60 }, () => post('x'.repeat(2953)).then(({ status }) => status)));
    assert.ok(many.includes(200) && many.includes(429));
    assert.ok(await works(server) < 500);
  });

  test('it tells how it is', async () => {
    assert.equal(await (await fetch(`${server.url}healthz`)).text(), 'ok\n');
    const all = await metrics(server);
    assert.ok(all['lucid_messages_total{dialect="chat"}'] > 0);
    assert.ok(all['lucid_dismissed_total{dialect="chat"}'] > 0);
    assert.deepEqual(await (await fetch(`${server.url}ice-servers`)).json(), { iceServers: [], ttl: 86400 });
  });
});

describe('a server that was started otherwise', () => {
  after(() => { for (const socket of open.splice(0)) socket.terminate(); });
  const started = async (args, use) => {
    const server = await Server.start(args);
    try { await use(server); } finally { await server.stop(); }
  };
  const own = (server, dialect) => ({ url: server.lines.map((line) => line.match(`(ws|http)(s?://localhost:\\d+/).*${dialect}`)).find(Boolean).slice(1).join('').replace('ws', 'http') });

  test('dialects have ports of their own, whatever the path', () => started(['--chat', '0', '--broadcast', '0', '--socketio', '0'], async (server) => {
    const chat = connect(own(server, 'chat'), '/', {}, ['json']);
    assert.equal((await chat.next(({ type }) => type === 'id')).id, 1);
    assert.equal(chat.socket.protocol, 'json');
    const [ann, bob] = [connect(own(server, 'broadcast'), '/', {}, ['what', 'ever']), connect(server, '/broadcast')];
    await Promise.all([ann.opened, bob.opened]);
    assert.equal(ann.socket.protocol, 'what');
    ann.say({ message_type: 'SDP', content: null });
    assert.deepEqual(await bob.next(() => true), { message_type: 'SDP', content: null });
    const script = await (await fetch(`${own(server, 'socket.io').url}socket.io/socket.io.js`)).text();
    assert.match(script, /globalThis\.io/);
  }));

  test('--token keeps strangers out', () => started(['--token', 'sesame'], async (server) => {
    await assert.rejects(connect(server, '/chat').opened, /401/);
    await connect(server, '/chat?token=sesame').opened;
    await connect(server, '/chat', { headers: { authorization: 'Bearer sesame' } }).opened;
  }));

  test('--tls serves pages and WebSockets securely', () => started(['--tls'], async (server) => {
    assert.match(server.url, /^https:/);
    const status = await new Promise((resolve, reject) => {
      getSecure(server.url, { rejectUnauthorized: false }, (response) => { response.resume(); resolve(response.statusCode); }).on('error', reject);
    });
    assert.equal(status, 200);
    await connect(server, '/rooms').opened;
  }));

  test('--turn hands out credentials that coturn takes', () => started(['--turn', 'turn:turn.example:3478', '--turn', 'stun:stun.example', '--turn-secret', 'north'], async (server) => {
    const { createHmac } = await import('node:crypto');
    const { iceServers: [stun, turn] } = await (await fetch(`${server.url}ice-servers`)).json();
    assert.deepEqual(stun, { urls: ['stun:stun.example'] });
    assert.deepEqual(turn.urls, ['turn:turn.example:3478']);
    assert.ok(Math.abs(Number(turn.username.split(':')[0]) - Date.now() / 1000 - 86400) < 60);
    assert.equal(turn.credential, createHmac('sha1', 'north').update(turn.username).digest('base64'));
  }));

  test('--clients-per-address', () => started(['--clients-per-address', '3'], async (server) => {
    for (let i = 0; i < 3; ++i) await connect(server, '/chat').opened;
    await assert.rejects(connect(server, '/rooms').opened, /429|socket hang up|ECONNRESET/);
  }));

  test('SIGTERM says goodbye', async () => {
    const server = await Server.start();
    const ann = await user(server, 'ann');
    const ended = new Promise((resolve) => { server.process.on('exit', resolve); });
    server.process.kill('SIGTERM');
    assert.deepEqual(await ann.closed, { code: 1001, reason: 'the server is going away' });
    assert.equal(await ended, 0);
    assert.equal(server.lines.at(-1), 'Goodbye.');
  });
});
