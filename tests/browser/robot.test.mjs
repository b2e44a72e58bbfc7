// The robot in the rooms of two more dialects, and pages that load /socket.io/socket.io.js from us.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from './lib/browsers.mjs';
import { Server } from './lib/server.mjs';
import { plays, tutorial } from './lib/tutorial.mjs';
import { click, says, type, until } from './lib/wait.mjs';

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
