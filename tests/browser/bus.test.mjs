// Two `lucid serve` on one Redis are one service; Redis may go and come back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const redis = '/usr/bin/redis-server';
const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

describe('two servers on one Redis', { skip: existsSync(redis) ? false : `redis-server is not installed (${redis})` }, () => {
  let port, bus, one, two;
  const open = [];
  const startRedis = async () => {
    bus = spawn(redis, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    await new Promise((resolve) => bus.on('spawn', resolve));
  };
  const stopRedis = async () => {
    const ended = new Promise((resolve) => bus.on('exit', resolve));
    bus.kill('SIGKILL');
    await ended;
  };
  const isUp = async (server) => /^lucid_bus_up 1$/m.test(await (await fetch(`${server.url}metrics`)).text());
  const bothAre = (up) => eventually(`the bus ${up ? 'up' : 'down'}`, async () => await isUp(one) === up && await isUp(two) === up);
  const connect = (server, path) => {
    const socket = new WebSocket(new URL(path, server.url.replace('http', 'ws')));
    open.push(() => socket.terminate());
    const client = { heard: [], say: (message) => socket.send(JSON.stringify(message)) };
    client.next = async (what, matches) => {
      const found = await eventually(what, () => client.heard.find(matches));
      client.heard.splice(client.heard.indexOf(found), 1);
      return found;
    };
    socket.on('message', (data) => client.heard.push(JSON.parse(data)));
    return new Promise((resolve) => { socket.on('open', () => resolve(client)); });
  };
  const user = async (server, name) => {
    const client = await connect(server, '/chat');
    client.say({ type: 'username', name });
    await client.next(name, ({ type, users }) => type === 'userlist' && users.includes(name));
    return client;
  };
  const sees = (client, name) => client.next(`${name} in the list`, ({ type, users }) => type === 'userlist' && users.includes(name));

  before(async () => {
    port = await freePort();
    await startRedis();
    [one, two] = [await Server.start(['--bus', `redis://127.0.0.1:${port}`]), await Server.start(['--bus', `redis://127.0.0.1:${port}`])];
    await bothAre(true);
  });
  after(async () => {
    for (const close of open) close();
    await one?.stop();
    await two?.stop();
    bus?.kill('SIGKILL');
  });

  test('a call across them, in every dialect', async () => {
    const [ann, bob] = [await user(one, 'ann'), await user(two, 'bob')];
    await sees(ann, 'bob');
    ann.say({ type: 'video-offer', name: 'ann', target: 'bob', sdp: 'v=0' });
    assert.equal((await bob.next('the offer', ({ type }) => type === 'video-offer')).name, 'ann');

    const [cat, dan] = [await connect(one, '/rooms'), await connect(two, '/rooms')];
    cat.say({ type: 'join', room: 'blue' });
    const { id } = await cat.next('joined', ({ type }) => type === 'joined');
    dan.say({ type: 'join', room: 'blue' });
    const joined = await dan.next('joined', ({ type }) => type === 'joined');
    assert.deepEqual(joined.peers.map((peer) => peer.id), [id]);
    dan.say({ type: 'offer', to: id, sdp: 'v=0' });
    assert.equal((await cat.next('the offer', ({ type }) => type === 'offer')).from, joined.id);

    const [eve, fay] = [await connect(one, '/broadcast'), await connect(two, '/broadcast')];
    eve.say({ candidate: null });
    await fay.next('the candidate', (message) => message.candidate === null);

    const [gus, hal] = [io(one.url, { forceNew: true }), io(two.url, { forceNew: true })];
    open.push(() => gus.close(), () => hal.close());
    const created = new Promise((resolve) => gus.on('created', resolve));
    gus.emit('create or join', 'foo');
    await created;
    const met = Promise.all([new Promise((resolve) => gus.on('join', resolve)), new Promise((resolve) => hal.on('joined', resolve))]);
    hal.emit('create or join', 'foo');
    await met;
    const offered = new Promise((resolve) => hal.on('message', resolve));
    gus.emit('message', { type: 'offer', sdp: 'v=0' });
    assert.deepEqual(await offered, { type: 'offer', sdp: 'v=0' });
  });

  test('Redis gone: calls of one server go on; back: calls across again', async () => {
    const [ann, bob, cat] = [await user(one, 'ann2'), await user(one, 'bob2'), await user(two, 'cat2')];
    await sees(ann, 'cat2');
    await stopRedis();
    await bothAre(false);
    await eventually('words about it', () => /the bus is down/.test(one.log));
    ann.say({ type: 'hello', target: 'bob2' });
    await bob.next('a message on one server', ({ type }) => type === 'hello');
    ann.say({ type: 'later', target: 'cat2' });
    const dan = await user(two, 'dan2');
    await startRedis();
    await bothAre(true);
    await cat.next('what was said meanwhile', ({ type }) => type === 'later');
    await sees(ann, 'dan2');
    dan.say({ type: 'hello', target: 'ann2' });
    await ann.next('a message across', ({ type }) => type === 'hello');
    assert.match(one.log, /the bus is up/);
  });

  test('a server that ends takes its users out of the lists', async () => {
    const three = await Server.start(['--bus', `redis://127.0.0.1:${port}`]);
    const ann = await user(one, 'ann3');
    await user(three, 'zoe');
    await sees(ann, 'zoe');
    await three.stop();
    await ann.next('a list without zoe', ({ type, users }) => type === 'userlist' && users.includes('ann3') && !users.includes('zoe'));
  });
});
