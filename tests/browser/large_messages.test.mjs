// The largest messages that were agreed on, one byte more, and 50 MB at the pace of the slower side.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { session } from './lib/session.mjs';

const megabytes = 50;

for (const name of ['chromium', 'firefox']) {
  describe(`large messages with ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; });
    const open = async (native) => {
      await native.do('create_channel', { label: 'data' });
      await page.evaluate(() => until('the channel', () => channels.data?.readyState === 'open'));
    };

    test('what we send to the limit of the page arrives; a byte more is refused and says why', () => session(page, { native: { echo: false } }, async ({ native }) => {
      await open(native);
      // Chromium takes 256 KiB, Firefox 1 GiB: four MiB stand for that.
      const limit = name === 'chromium' ? 262144 : 4 * 1024 * 1024;
      await native.do('send', { label: 'data', size: limit });
      await page.evaluate((bytes) => until('the whole message', () => channels.data.bytes === bytes), limit);
      if (name === 'chromium') {
        await assert.rejects(native.do('send', { label: 'data', size: limit + 1 }), /TypeError: .*larger than the peer takes/);
      }
      await native.do('send', { label: 'data', size: 1 });
      await page.evaluate((bytes) => until('the next message', () => channels.data.bytes === bytes), limit + 1);
    }));

    test('the page knows our limit and keeps to it', () => session(page, { native: { echo: false, maxMessageSize: 100_000 } }, async ({ native }) => {
      await open(native);
      assert.equal(await page.evaluate(() => pc.sctp.maxMessageSize), 100_000);
      await page.evaluate(() => channels.data.send(new Uint8Array(100_000)));
      assert.equal((await native.next((line) => line.event === 'message', 'message')).size, 100_000);
      assert.equal(await page.evaluate(() => { try { channels.data.send(new Uint8Array(100_001)); } catch (error) { return error.name; } return 'sent'; }), 'TypeError');
    }));

    test(`we send ${megabytes} MB, never with more than a few in the buffer`, () => session(page, { native: { echo: false } }, async ({ native }) => {
      await open(native);
      const began = Date.now();
      await native.do('flood', { label: 'data', bytes: megabytes * 1e6 });
      const flooded = await native.next((line) => line.event === 'flooded', 'the last of it', 15_000);
      assert.ok(flooded.pauses > 5, `${flooded.pauses} pauses`);
      await page.evaluate((bytes) => until('all of it', () => channels.data.bytes === bytes), megabytes * 1e6);
      console.log(`# ${name}: ${(megabytes * 1000 / (Date.now() - began)).toFixed(1)} MB/s to the page`);
    }));

    test(`the page sends ${megabytes} MB`, () => session(page, { native: { echo: false } }, async ({ native }) => {
      await open(native);
      const began = Date.now();
      await page.evaluate(async (bytes) => {
        const channel = channels.data;
        const piece = new Uint8Array(65536);
        channel.bufferedAmountLowThreshold = 1 << 20;
        for (let left = bytes; left > 0;) {
          while (left > 0 && channel.bufferedAmount < (4 << 20)) {
            channel.send(left < piece.length ? piece.subarray(0, left) : piece);
            left -= Math.min(left, piece.length);
          }
          if (left > 0) await new Promise((resolve) => { channel.onbufferedamountlow = resolve; });
        }
      }, megabytes * 1e6);
      for (let left = megabytes * 1e6; left > 0;) left -= (await native.next((line) => line.event === 'message', 'more')).size;
      console.log(`# ${name}: ${(megabytes * 1000 / (Date.now() - began)).toFixed(1)} MB/s from the page`);
    }));
  });
}
