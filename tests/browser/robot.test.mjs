// The robot in the rooms of two more dialects, and pages that load /socket.io/socket.io.js from us.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from './lib/browsers.mjs';
import { Server } from './lib/server.mjs';
import { click, says, type, until } from './lib/wait.mjs';

// The classic page for two, as tutorials have it: who was first offers at "join".
async function tutorial(room) {
  const script = document.createElement('script');
  script.src = '/socket.io/socket.io.js';
  document.head.append(script);
  await new Promise((resolve) => { script.onload = resolve; });
  const socket = globalThis.io.connect();
  const log = globalThis.tutorialLog = [];
  for (const event of ['created', 'empty', 'join', 'joined', 'full', 'ready']) socket.on(event, (...args) => log.push([event, ...args]));
  const pc = globalThis.tutorialPc = new RTCPeerConnection();
  const canvas = document.createElement('canvas');
  const paint = canvas.getContext('2d');
  setInterval(() => { paint.fillStyle = `hsl(${performance.now() / 5} 90% 50%)`; paint.fillRect(0, 0, 300, 150); }, 50);
  const send = (message) => socket.emit('message', message);
  const add = () => { if (pc.getSenders().every(({ track }) => !track)) for (const track of canvas.captureStream(20).getTracks()) pc.addTrack(track); };
  const video = document.createElement('video');
  Object.assign(video, { id: 'tutorial', muted: true, autoplay: true, playsInline: true, srcObject: new MediaStream() });
  document.body.append(video);
  pc.ontrack = ({ track }) => video.srcObject.addTrack(track);
  pc.onicecandidate = ({ candidate }) => candidate && send({ type: 'candidate', label: candidate.sdpMLineIndex, id: candidate.sdpMid, candidate: candidate.candidate });
  socket.on('join', async () => {
    add();
    await pc.setLocalDescription();
    send(pc.localDescription);
  });
  socket.on('message', async (message) => {
    if (message.type === 'offer') {
      await pc.setRemoteDescription(message);
      add();
      await pc.setLocalDescription();
      send(pc.localDescription);
    } else if (message.type === 'answer') await pc.setRemoteDescription(message);
    else if (message.type === 'candidate') await pc.addIceCandidate({ sdpMLineIndex: message.label, candidate: message.candidate });
    else if (message === 'bye') log.push(['bye']);
  });
  globalThis.tutorialSocket = socket;
  return new Promise((resolve) => { socket.emit('create or join', room, resolve); });
}
const plays = (page, selector) => until(page, `a moving picture in ${selector}`, (where) => {
  const video = document.querySelector(where);
  return video?.videoWidth > 0 && video.currentTime > 0.2;
}, selector);

for (const name of ['chromium', 'firefox']) {
  describe(`the robot and ${name}`, { skip: missing(name) }, () => {
    let server, browser;
    before(async () => {
      server = await Server.start(['--robot']);
      browser = await launch(name);
    });
    after(async () => { await browser?.close(); await server?.stop(); });

    test('it answers who comes to its room, again and again', async () => {
      for (let i = 0; i < 2; ++i) {
        const page = await browser.open(`${server.url}room/lucid`);
        await type(page, 'name', 'Ann');
        await says(page, 'server-state', 'Connected');
        await click(page, 'join');
        await plays(page, '#tiles figure:not(#self-tile) video');
        await page.close();
      }
    });

    test('a tutorial page meets it by our socket.io.js; then two pages each other', async () => {
      const page = await browser.open(`${server.url}watch`);
      assert.equal((await page.evaluate(tutorial, 'lucid')).event, 'joined');
      await plays(page, '#tutorial');
      await page.close();
      const [ann, bob] = [await browser.open(`${server.url}watch`), await browser.open(`${server.url}watch`)];
      assert.equal((await ann.evaluate(tutorial, 'foo')).event, 'created');
      assert.equal((await bob.evaluate(tutorial, 'foo')).event, 'joined');
      await plays(ann, '#tutorial');
      await plays(bob, '#tutorial');
      await bob.evaluate(() => globalThis.tutorialSocket.disconnect());
      await until(ann, 'bye', () => globalThis.tutorialLog.some(([event]) => event === 'bye'));
    });

    test('socket.io.js connects again when the server comes back', async () => {
      const port = new URL(server.url).port;
      const page = await browser.open(`${server.url}watch`);
      await page.evaluate(tutorial, 'again');
      await server.stop();
      await until(page, 'the loss', () => !globalThis.tutorialSocket.connected);
      server = await Server.start(['--robot', '--port', port]);
      await until(page, 'the connection', () => globalThis.tutorialSocket.connected);
      assert.equal((await page.evaluate(() => new Promise((resolve) => { globalThis.tutorialSocket.emit('create or join', 'again', resolve); }))).event, 'created');
    });
  });
}
