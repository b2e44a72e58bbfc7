// The socket.io dialect of `lucid serve` with the unmodified clients of versions 4 and 2, by polling, by WebSocket and
// with the upgrade from one to the other.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io as io4 } from 'socket.io-client';
import io2 from 'socket.io-client-v2';
import { Server } from './lib/server.mjs';

const heard = (socket, event, milliseconds = 5000) => new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error(`no "${event}" in ${milliseconds} ms`)), milliseconds);
  socket.once(event, (...args) => {
    clearTimeout(timer);
    resolve(args);
  });
});

for (const [version, io] of [[4, io4], [2, io2]]) {
  for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
    describe(`socket.io-client ${version} by ${transports.join(' and then ')}`, () => {
      let server;
      const sockets = [];
      before(async () => { server = await Server.start(['--socketio', '0']); });
      after(async () => {
        for (const socket of sockets) socket.close();
        await server.stop();
      });
      const connect = async () => {
        const socket = io(server.url, { transports, forceNew: true, reconnection: false });
        sockets.push(socket);
        await heard(socket, 'connect');
        return socket;
      };

      test('the tutorial: created, joined, join, full, messages both ways, bye', async () => {
        const room = 'foo';
        const [ann, bob, eve] = [await connect(), await connect(), await connect()];
        const created = heard(ann, 'created');
        const empty = heard(ann, 'empty');
        const log = heard(ann, 'log');
        ann.emit('create or join', room);
        assert.deepEqual(await created, [room, ann.id]);
        assert.deepEqual(await empty, [room]);
        assert.ok(Array.isArray((await log)[0]));

        const join = heard(ann, 'join');
        const joined = heard(bob, 'joined');
        bob.emit('create or join', room);
        assert.equal((await join)[0], room);
        assert.deepEqual(await joined, [room, bob.id]);

        const full = heard(eve, 'full');
        eve.emit('create or join', room);
        assert.deepEqual(await full, [room]);

        const offer = { type: 'offer', sdp: `v=0\r\n${'a=x:äöü 😀\r\n'.repeat(500)}` };
        const offered = heard(bob, 'message');
        ann.emit('message', offer);
        assert.deepEqual(await offered, [offer]);
        const answered = heard(ann, 'message');
        bob.emit('message', { type: 'answer', sdp: 'v=0' });
        assert.deepEqual(await answered, [{ type: 'answer', sdp: 'v=0' }]);

        const candidates = [];
        bob.on('message', (message) => candidates.push(message));
        for (let label = 0; label < 50; ++label) ann.emit('message', { type: 'candidate', label, id: '0', candidate: 'c' });
        const bye = new Promise((resolve) => bob.on('message', (message) => message === 'bye' && resolve()));
        ann.emit('message', 'bye');
        await bye;
        assert.deepEqual(candidates.slice(0, 50).map(({ label }) => label), [...Array(50).keys()]);
      });

      test('who leaves without a word has said bye', async () => {
        const [ann, bob] = [await connect(), await connect()];
        const joined = heard(bob, 'joined');
        ann.emit('create or join', 'bar', () => bob.emit('create or join', 'bar'));
        await joined;
        const bye = heard(bob, 'message');
        ann.close();
        assert.deepEqual(await bye, ['bye']);
      });

      test('acknowledgements', async () => {
        const ann = await connect();
        const reply = await new Promise((resolve) => { ann.emit('create or join', 'baz', resolve); });
        assert.deepEqual(reply, { event: 'created', room: 'baz', id: ann.id });
      });

      if (transports.length === 2) {
        test('the transport is upgraded', async () => {
          const ann = await connect();
          const { engine } = ann.io;
          if (engine.transport.name !== 'websocket') await heard(engine, 'upgrade');
          const reply = await new Promise((resolve) => { ann.emit('message', 'x', resolve); });
          assert.deepEqual(reply, { to: 0 });
        });
      }

      test('another namespace is refused', async () => {
        const socket = io(`${server.url}admin`, { transports, forceNew: true, reconnection: false });
        sockets.push(socket);
        const [error] = await heard(socket, version === 4 ? 'connect_error' : 'error');
        assert.equal(error.message ?? error, 'Invalid namespace');
      });
    });
  }
}
