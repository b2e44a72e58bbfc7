// Sound and picture both ways with real browsers: each codec that both have, in both offer directions.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { installPictures, receives } from './lib/picture.mjs';
import { session } from './lib/session.mjs';

// Debian's Firefox has no H.264.
const pairs = { chromium: [['VP8', 'opus'], ['VP9', 'G722'], ['H264', 'PCMU'], ['AV1', 'PCMA']], firefox: [['VP8', 'opus'], ['VP9', 'G722'], ['AV1', 'PCMU'], ['VP8', 'PCMA']] };
const frames = 15;

for (const name of ['chromium', 'firefox']) {
  describe(`codecs with ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; }, { devices: { audio: true, video: { width: 320, height: 240 } } });

    for (const [video, audio] of pairs[name]) {
      for (const offerer of [name, 'we']) {
        test(`${offerer} offer ${video} and ${audio}`, () => session(page, { native: { codecs: [video, audio], offers: false } }, async ({ native }) => {
          await installPictures(page);
          const own = { do: 'batch', commands: [{ do: 'add', kind: 'audio' }, { do: 'add', kind: 'video', source: 'test?size=320x240' }] };
          if (offerer === 'we') {
            // The page adds its own when it sees the offer.
            await page.evaluate(() => pc.addEventListener('signalingstatechange', () => {
              if (pc.signalingState === 'have-remote-offer' && pc.getSenders().every((s) => !s.track)) camera.getTracks().forEach((t) => pc.addTrack(t, camera));
            }));
            await native.do('offers');
            await native.do('batch', own);
          } else {
            await native.do('batch', own);
            await page.evaluate(() => { camera.getTracks().forEach((t) => pc.addTrack(t, camera)); });
          }
          // What the page shows, and hears.
          const shown = await page.evaluate(async (wanted) => {
            await until('numbered pictures', () => sight()?.numbered >= wanted, 10_000);
            await until('sound', async () => (await inbound('audio'))?.totalAudioEnergy > 0, 10_000);
            const { numbered, backward, video } = sight();
            return { numbered, backward, size: [video.videoWidth, video.videoHeight], video: (await inbound('video')).codec, audio: (await inbound('audio')).codec };
          }, frames);
          assert.equal(shown.backward, 0);
          assert.deepEqual(shown.size, [320, 240]);
          assert.equal(shown.video.toLowerCase(), `video/${video}`.toLowerCase());
          assert.equal(shown.audio.toLowerCase(), `audio/${audio}`.toLowerCase());
          // What we get from its camera and microphone.
          const [picture] = await receives(native, 'video', ([it]) => it?.pictures >= frames, `${frames} pictures`);
          assert.equal(picture.codec, video);
          assert.equal(picture.failures, 0);
          const [sound] = await receives(native, 'audio', ([it]) => it?.loud > 0, 'sound');
          assert.equal(sound.codec.toLowerCase(), audio.toLowerCase());
        }));
      }
    }
  });
}
