// What loss does to a call with real browsers, by a seed: retransmission, key frames, and simulcast.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { blankPage, launch, missing } from './lib/browsers.mjs';
import { installPictures, receives } from './lib/picture.mjs';
import { session } from './lib/session.mjs';
import { eventually } from './lib/wait.mjs';

const sum = (stats, type, member) => stats.filter((it) => it.type === type && it.kind === 'video').reduce((all, it) => all + (it[member] ?? 0), 0);

for (const name of ['chromium', 'firefox']) {
  describe(`loss in a call with ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; }, { devices: { video: { width: 640, height: 480 } } });
    const begin = async (native) => {
      await installPictures(page);
      await page.evaluate(() => { window.mine = pc.addTransceiver(camera.getVideoTracks()[0], { streams: [camera] }); });
      const { track } = await native.do('add', { kind: 'video', source: 'test?size=640x480' });
      await page.evaluate(() => until('pictures', () => sight()?.numbered > 10));
      await receives(native, 'video', ([it]) => it?.pictures > 10, 'pictures');
      return track;
    };

    test('what five percent loss takes is sent again, both ways', () => session(page, { native: { offers: false } }, async ({ native }) => {
      await begin(native);
      await native.do('lose', { share: 0.05, seed: 7 });
      const shown = await page.evaluate(async () => {
        const from = sight().numbered;
        await until('60 more pictures', () => sight().numbered > from + 60, 12_000);
        const { numbered, backward, gaps } = sight();
        return { numbered, backward, gaps };
      });
      assert.equal(shown.backward, 0);
      const theirs = await page.evaluate(async () => {
        const { retransmittedPacketsReceived, packetsLost, nackCount, framesDecoded } = await inbound('video');
        return { retransmittedPacketsReceived, packetsLost, nackCount, framesDecoded };
      });
      // Loss goes on until something of the page's has been lost and repaired as well.
      const { stats, lost } = await eventually('the page sends again', async () => {
        const now = await native.do('stats');
        return sum(now.stats, 'inbound-rtp', 'retransmittedPacketsReceived') > 0 && now;
      }, 12_000);
      const [ours] = await receives(native, 'video', ([it]) => it.pictures > 40, 'more pictures');
      assert.ok(lost > 10, `${lost} lost`);
      assert.ok(sum(stats, 'outbound-rtp', 'retransmittedPacketsSent') > 3, 'we sent again');
      assert.equal(ours.failures, 0);
      console.log(`# ${name}: at 5 % loss ${lost} packets lost, page ${JSON.stringify({ ...theirs, gaps: shown.gaps.length })}, ` +
        `we sent ${sum(stats, 'outbound-rtp', 'retransmittedPacketsSent')} again and got ${sum(stats, 'inbound-rtp', 'retransmittedPacketsReceived')} again`);
    }));

    test('the page makes a key frame within a few frames when we ask', () => session(page, { native: { offers: false } }, async ({ native }) => {
      const track = await begin(native);
      const [before] = await receives(native, 'video', () => true);
      await native.do('key_frame', { track });
      const [after] = await receives(native, 'video', ([it]) => it.keys > before.keys && !it.waits, 'the key frame of the page');
      assert.ok(after.longestWait <= 4, `${after.longestWait} frames`);
    }));

    test('who has missed the first key frame asks, and gets one with the next frames', () => session(page, { native: { offers: false } }, async ({ native }) => {
      await native.do('lose', { share: 1, seed: 1 });
      await installPictures(page);
      await page.evaluate(() => { window.mine = pc.addTransceiver(camera.getVideoTracks()[0], { streams: [camera] }); });
      await native.do('add', { kind: 'video', source: 'test?size=640x480' });
      await native.next((line) => line.event === 'connection' && line.state === 'connected', 'connection');
      await new Promise((resolve) => setTimeout(resolve, 700));
      await native.do('lose', { share: 0 });
      await page.evaluate(() => until('pictures', () => sight()?.numbered > 10));
      await receives(native, 'video', ([it]) => it?.pictures > 10, 'pictures');
      const { sent: [ours] } = await native.do('received');
      assert.ok(ours.keyFrameRequests > 0, 'the page has asked');
      assert.ok(ours.longestWait <= 2, `${ours.longestWait} frames`);
    }));
  });
}

describe('simulcast from chromium', { skip: missing('chromium') }, () => {
  test('three encodings of its camera arrive, each in its size', async () => {
    const site = await blankPage();
    const browser = await launch('chromium');
    try {
      const page = await browser.open(site.url);
      await page.evaluate(async () => { window.camera = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } }); });
      await session(page, {}, async ({ native }) => {
        await installPictures(page);
        await page.evaluate(async () => {
          const { sender } = pc.addTransceiver(camera.getVideoTracks()[0], { direction: 'sendonly', streams: [camera], sendEncodings: [
            { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
            { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
            { rid: 'f', maxBitrate: 1_200_000 }] });
          // Or a machine with too much to do loses its largest size.
          await sender.setParameters({ ...sender.getParameters(), degradationPreference: 'maintain-resolution' });
        });
        const layers = await receives(native, 'video', (all) => ['q', 'h', 'f'].every((rid) => all.some((it) => it.rid === rid && it.pictures >= 10)), 'ten pictures of each encoding', 12_000);
        assert.deepEqual(Object.fromEntries(layers.map((it) => [it.rid, it.width])), { f: 1280, h: 640, q: 320 });
        assert.deepEqual(layers.map((it) => it.failures), [0, 0, 0]);
      });
    } finally {
      await browser.close();
      site.close();
    }
  });
});
