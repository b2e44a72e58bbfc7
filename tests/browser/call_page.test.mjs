// The call page against `lucid serve --robot`: ring the robot, see its picture move, chat, hang up, and call again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from './lib/browsers.mjs';
import { Server } from './lib/server.mjs';

for (const name of ['chromium', 'firefox']) {
  describe(`the call page in ${name}`, { skip: missing(name) }, () => {
    let server, browser, page;
    const errors = [];
    before(async () => {
      server = await Server.start(['--robot']);
      browser = await launch(name);
      page = await browser.open(server.url, { errors });
    });
    after(async () => { await browser?.close(); await server?.stop(); });

    const until = (what, fn, ...args) => page.evaluate(async (source, label, given) => {
      const check = new Function(`return (${source})`)();
      for (const end = performance.now() + 10_000; performance.now() < end;) {
        const value = await check(...given);
        if (value) return value;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`waited in vain for: ${label}; ${document.getElementById('call-state').textContent}`);
    }, String(fn), what, args);

    const ring = async () => {
      await until('the robot in the list', () => [...document.querySelectorAll('#users button')].some((b) => b.textContent === 'lucid' && !b.disabled));
      const began = Date.now();
      await page.evaluate(() => [...document.querySelectorAll('#users button')].find((b) => b.textContent === 'lucid').click());
      await until('a moving picture', () => {
        const video = document.getElementById('remote');
        return video.videoWidth > 0 && !video.paused && video.currentTime > 0.2;
      });
      return Date.now() - began;
    };
    const hangUp = async () => {
      await page.evaluate(() => document.getElementById('hang-up').click());
      await until('the end of the call', () => document.getElementById('call-state').textContent === 'You have hung up.');
    };

    test('the robot answers with a moving picture and sound', async () => {
      const took = await ring();
      assert.ok(took < 5000, `${took} ms`);
      await until('the words for it', () => document.getElementById('call-state').textContent === 'In a call with lucid.');
      const tracks = await page.evaluate(() => document.getElementById('remote').srcObject.getTracks().map((t) => t.kind).sort());
      assert.deepEqual(tracks, ['audio', 'video']);
      if (process.env.SCREENSHOTS) await page.screenshot(`${process.env.SCREENSHOTS}/call-${name}.png`);
      await hangUp();
    });

    test('it answers again after a hang-up', async () => {
      for (let i = 0; i < 3; ++i) {
        await ring();
        await hangUp();
      }
    });

    test('it echoes chat, and shows markup as text', async () => {
      await page.evaluate(() => {
        document.getElementById('text').value = 'hello <img src=x onerror=alert(1)>there';
        document.getElementById('chat-form').requestSubmit();
      });
      await until('the echo', () => document.getElementById('messages').textContent.includes('You said: hello there'));
      assert.equal(await page.evaluate(() => document.querySelectorAll('#messages img').length), 0);
    });

    test('no script failed', () => assert.deepEqual(errors, []));
  });
}
