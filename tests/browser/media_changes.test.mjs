// What may change during a call with real browsers: directions, tracks, what a track shows, and silence.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing, soundCard } from './lib/browsers.mjs';
import { installEyesAndEars, installPictures, receives } from './lib/picture.mjs';
import { session } from './lib/session.mjs';

const picture = { kind: 'video', source: 'test?size=320x240' };
const sends = (direction) => direction === 'sendrecv' || direction === 'sendonly';
const mirrored = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' };

for (const name of ['chromium', 'firefox']) {
  describe(`changes during a call with ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; }, { launched: soundCard, devices: { audio: true, video: { width: 320, height: 240 } } });
    const begin = async (native) => {
      await installPictures(page);
      await page.evaluate(() => { window.mine = pc.addTransceiver(camera.getVideoTracks()[0], { direction: 'sendrecv', streams: [camera] }); });
      const { track } = await native.do('add', picture);
      await native.do('offers');
      await page.evaluate(() => until('a picture', () => sight()?.pictures > 0));
      return track;
    };
    const pictures = (native) => receives(native, 'video', () => true).then((all) => all.reduce((sum, it) => sum + it.frames, 0));
    // Whether pictures flow, each way: ten come, or none (but the last on their way) in 300 ms.
    const flows = async (native, toPage, toUs) => {
      if (toPage) await page.evaluate(() => { const from = sights[mine.mid].pictures; return until('pictures at the page', () => sights[mine.mid].pictures >= from + 10); });
      if (toUs) {
        const from = await pictures(native);
        await receives(native, 'video', (all) => all.reduce((sum, it) => sum + it.frames, 0) >= from + 10, 'pictures at our side');
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
      const before = [await page.evaluate(() => inbound('video').then((it) => it?.framesDecoded ?? 0)), await pictures(native)];
      if (toPage && toUs) return;
      await new Promise((resolve) => setTimeout(resolve, 300));
      const after = [await page.evaluate(() => inbound('video').then((it) => it?.framesDecoded ?? 0)), await pictures(native)];
      if (!toPage) assert.ok(after[0] - before[0] <= 1, `the page still got ${after[0] - before[0]}`);
      if (!toUs) assert.ok(after[1] - before[1] <= 1, `we still got ${after[1] - before[1]}`);
    };

    for (const changer of [name, 'we']) {
      test(`${changer} change the direction: sendrecv, sendonly, recvonly, inactive, and back`, () => session(page, { native: { offers: false } }, async ({ native }) => {
        const track = await begin(native);
        for (const direction of ['sendrecv', 'sendonly', 'recvonly', 'inactive', 'sendrecv']) {
          if (changer === 'we') await native.do('set_direction', { track, direction });
          else await page.evaluate((d) => { mine.direction = d; }, direction);
          const onPage = changer === 'we' ? mirrored[direction] : direction;
          await page.evaluate((d) => until(`the direction ${d}`, () => mine.currentDirection === d), onPage);
          await flows(native, sends(mirrored[onPage]), sends(onPage));
        }
      }));
    }

    test('tracks come and go, on both sides', () => session(page, { native: { offers: false } }, async ({ native }) => {
      await begin(native);
      await flows(native, true, true);
      // A second picture of ours, and its end.
      const { track } = await native.do('add', { ...picture, name: 'second' });
      await page.evaluate(() => until('the second picture', () => Object.keys(sights).length === 2 && sight().numbered > 5));
      await native.do('remove', { track });
      await page.evaluate(() => until('its end', () => pc.getReceivers().filter((r) => r.track.kind === 'video' && r.track.muted).length === 1));
      // A second one of the page's: a canvas that counts.
      await page.evaluate(() => { window.extra = pc.addTrack(numbered(), new MediaStream()); });
      await receives(native, 'video', (all) => all.length >= 2 && all.some((it) => it.numbered >= 10), 'the canvas');
      await page.evaluate(() => pc.removeTrack(extra));
      await native.next((line) => line.event === 'mute', 'the end of the canvas');
      await flows(native, true, true);
    }));

    test('the page puts another track in place, and then none; we another source', () => session(page, { native: { offers: false } }, async ({ native }) => {
      const track = await begin(native);
      await flows(native, true, true);
      const negotiations = native.lines.filter((line) => line.event === 'signaling').length;
      await page.evaluate(() => mine.sender.replaceTrack(numbered()));
      const [it] = await receives(native, 'video', ([one]) => one.numbered >= 15, 'numbers in the pictures');
      assert.equal(it.backward, 0);
      await page.evaluate(() => mine.sender.replaceTrack(null));
      await flows(native, true, false);
      await native.do('source', { track, source: 'test?size=160x120' });
      await page.evaluate(() => until('the smaller picture', () => sight().video.videoWidth === 160));
      assert.equal(native.lines.filter((line) => line.event === 'signaling').length, negotiations);
    }));

    test('muted pictures are black, and come back', () => session(page, { native: { offers: false } }, async ({ native }) => {
      const track = await begin(native);
      await flows(native, true, true);
      await native.do('mute', { track, on: true });
      await page.evaluate(() => until('black at the page', () => sight().dark > 3));
      await native.do('mute', { track, on: false });
      await page.evaluate(() => { const from = sight().numbered; return until('numbers again', () => sight().numbered > from + 5); });
      await page.evaluate(() => { camera.getVideoTracks()[0].enabled = false; });
      await receives(native, 'video', ([it]) => it.dark > 0, 'black at our side');
      await page.evaluate(() => { camera.getVideoTracks()[0].enabled = true; });
    }));

    test('a muted tone is silence, and comes back', () => session(page, { native: { offers: false } }, async ({ native }) => {
      await installPictures(page);
      await installEyesAndEars(page);
      await page.evaluate(() => {
        pc.addEventListener('track', ({ track }) => ears(track));
        pc.addTrack(camera.getAudioTracks()[0], camera);
      });
      const { track } = await native.do('add', { kind: 'audio', source: 'tone' });
      await native.do('offers');
      const hears = (loud) => page.evaluate((sound) => { levels.length = 0; return until(sound ? 'sound' : 'silence', () => levels.slice(-100).filter((it) => (it > 0.01) === sound).length >= 100); }, loud);
      await hears(true);
      await native.do('mute', { track, on: true });
      await hears(false);
      await native.do('mute', { track, on: false });
      await hears(true);
      await receives(native, 'audio', ([it]) => it?.loud > 10, 'the microphone');
      const [before] = await receives(native, 'audio', () => true);
      await page.evaluate(() => { camera.getAudioTracks()[0].enabled = false; });
      await receives(native, 'audio', ([it]) => it.silent > before.silent + 100, 'silence at our side');
      await page.evaluate(() => { camera.getAudioTracks()[0].enabled = true; });
    }));
  });
}
