// The call page and `lucid call`, each calling the other: picture, chat, a file, hang-up.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from './lib/browsers.mjs';
import { Native } from './lib/native.mjs';
import { Server } from './lib/server.mjs';
import { until as untilIn } from './lib/wait.mjs';

for (const name of ['chromium', 'firefox']) {
  describe(`lucid call and the page in ${name}`, { skip: missing(name) }, () => {
    let server, browser, page, native, folder;
    const errors = [];
    const until = (what, fn, ...args) => untilIn(page, what, fn, ...args);
    const say = (line) => native.process.stdin.write(`${line}\n`);
    const event = (matches, what) => native.next(matches, what);
    const state = (machine, word) => event((line) => line.event === 'state' && line.machine === machine && line.state === word, `${machine} ${word}`);
    const picture = () => until('a moving picture', () => {
      const video = document.getElementById('remote');
      return video.videoWidth > 0 && video.currentTime > 0.2;
    });

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lucid-call-'));
      server = await Server.start();
      browser = await launch(name);
      page = await browser.open(server.url, { errors });
      native = new Native('lucid', ['call', '--server', server.url.replace('http', 'ws').replace(/\/$/, ''), '--name', 'native', '--json', '--download', folder]);
      await event((line) => line.event === 'ready', 'ready');
    });
    after(async () => {
      await browser?.close();
      await native?.end();
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    test('the page calls: it rings here, and nothing is sent before the answer', async () => {
      await until('the caller in the list', () => [...document.querySelectorAll('#users button')].some((b) => b.textContent === 'native'));
      await page.evaluate(() => [...document.querySelectorAll('#users button')].find((b) => b.textContent === 'native').click());
      await event((line) => line.event === 'ring', 'ring');
      assert.equal(native.lines.filter((line) => line.event === 'ice_candidate' && line.direction === 'local').length, 0);
      say('answer');
      await state('connection', 'connected');
      await picture();
    });

    test('chat goes both ways over the data channel', async () => {
      await until('the channel', () => document.getElementById('text').placeholder === 'Write to native');
      say('say hello page');
      await until('the words', () => document.getElementById('messages').textContent.includes('hello page'));
      await page.evaluate(() => {
        document.getElementById('text').value = 'hello <b>native</b>';
        document.getElementById('chat-form').requestSubmit();
      });
      const heard = await event((line) => line.event === 'chat' && line.over === 'chat', 'chat');
      assert.equal(heard.text, 'hello <b>native</b>');
    });

    test('a file goes both ways', async () => {
      const path = join(folder, 'sent.txt');
      await writeFile(path, 'x'.repeat(100_000));
      say(`send ${path}`);
      await event((line) => line.event === 'file' && line.state === 'sent', 'file sent');
      await page.evaluate(() => {
        const files = new DataTransfer();
        files.items.add(new File(['y'.repeat(70_000)], '../received.txt', { type: 'text/plain' }));
        document.getElementById('file').files = files.files;
        document.getElementById('file').dispatchEvent(new Event('change'));
      });
      const received = await event((line) => line.event === 'file' && line.state === 'received', 'file received');
      assert.equal(await readFile(received.path, 'utf8'), 'y'.repeat(70_000));
      assert.deepEqual((await readdir(folder)).sort(), ['received.txt', 'sent.txt']);
    });

    test('both may renegotiate and restart ICE during the call', async () => {
      for (const command of ['renegotiate', 'restart-ice', 'remove-track video', 'add-track video']) {
        say(command);
        await event((line) => line.command === command && line.event === 'done', command);
        await state('signaling', 'have-local-offer');
        await state('signaling', 'stable');
      }
      await picture();
    });

    test('hanging up here ends the call there', async () => {
      say('stats');
      const stats = await event((line) => line.event === 'stats', 'stats');
      assert.ok(stats.framesDecoded > 0 && stats.framesSent > 0 && stats.report.length > 5, JSON.stringify(stats));
      say('hangup');
      await until('the end', () => document.getElementById('hang-up').disabled);
    });

    test('we call the page, which accepts', async () => {
      const me = await page.evaluate(() => document.getElementById('name').value);
      say(`call ${me}`);
      await until('the ring', () => document.getElementById('ring').open);
      await page.evaluate(() => document.getElementById('accept').click());
      await state('connection', 'connected');
      await picture();
      await until('our numbers beside its own', () => {
        const [their] = [...document.querySelectorAll('.numbers tbody tr')].map((row) => row.cells[2]);
        return !their.hidden && /bit/.test(their.textContent);
      });
      await page.evaluate(() => document.getElementById('hang-up').click());
      await state('call', 'remote hung up');
    });

    test('no script failed', () => assert.deepEqual(errors, []));
  });
}
