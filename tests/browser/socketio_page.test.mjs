// Pages of another origin, with the browser builds of the socket.io clients as npm has them, against `lucid serve`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from './lib/browsers.mjs';
import { Native } from './lib/native.mjs';
import { Server } from './lib/server.mjs';
import { plays, tutorial } from './lib/tutorial.mjs';
import { until } from './lib/wait.mjs';

const builds = { 4: 'socket.io-client/dist/socket.io.min.js', 2: 'socket.io-client-v2/dist/socket.io.js' };

for (const name of ['chromium', 'firefox']) {
  describe(`socket.io pages in ${name}`, { skip: missing(name) }, () => {
    let server, pages, browser, home;
    const errors = [];
    before(async () => {
      server = await Server.start(['--socketio', '0']);
      pages = createServer(async ({ url }, response) => {
        const build = builds[url.slice(1)];
        response.setHeader('Content-Type', build ? 'text/javascript' : 'text/html');
        response.end(build ? await readFile(new URL(`node_modules/${build}`, import.meta.url)) : '<!doctype html><title>A page</title>');
      });
      await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));
      home = `http://localhost:${pages.address().port}/`;
      browser = await launch(name);
    });
    after(async () => {
      await browser?.close();
      pages.close();
      await server.stop();
    });
    const enter = async (version, room) => {
      const page = await browser.open(home, { errors });
      const { event } = await page.evaluate(tutorial, room, `/${version}`, server.url.slice(0, -1));
      return { page, event };
    };
    const upgraded = (page) => until(page, 'a WebSocket', () => {
      const { engine } = globalThis.tutorialSocket.io;
      return engine.transport.name === 'websocket';
    });

    for (const [first, second] of [[4, 4], [2, 2], [4, 2]]) {
      test(`a page with version ${first} and one with version ${second} see each other`, async () => {
        const room = `pages${first}${second}`;
        const ann = await enter(first, room);
        assert.equal(ann.event, 'created');
        const bob = await enter(second, room);
        assert.equal(bob.event, 'joined');
        await Promise.all([ann, bob].map(({ page }) => plays(page, '#tutorial')));
        await Promise.all([ann, bob].map(({ page }) => upgraded(page)));
        assert.equal((await enter(first, room)).event, 'full');
        await bob.page.evaluate(() => globalThis.tutorialSocket.disconnect());
        await until(ann.page, 'bye', () => globalThis.tutorialLog.some(([event]) => event === 'bye'));
        await Promise.all([ann.page.close(), bob.page.close()]);
      });
    }

    for (const version of [4, 2]) {
      test(`a page with version ${version} and the native caller see each other`, async () => {
        const room = `native${version}`;
        const { page } = await enter(version, room);
        const native = new Native('lucid', ['call', '--server', server.url.replace('http', 'ws').replace(/\/$/, ''), '--dialect', 'socketio',
          '--name', 'native', '--room', room, '--seconds', '2', '--json']);
        await plays(page, '#tutorial');
        assert.equal(await native.exited, 0);
        assert.ok(native.lines.at(-1).framesDecoded > 0);
        await until(page, 'bye', () => globalThis.tutorialLog.some(([event]) => event === 'bye'));
        await page.close();
      });
    }

    test('no script failed', () => assert.deepEqual(errors, []));
  });
}
