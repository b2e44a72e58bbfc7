// Sound and picture in step, as a page shows and plays them: the test picture's flash against the test tone's beep.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { installEyesAndEars, installPictures } from './lib/picture.mjs';
import { session } from './lib/session.mjs';

// The first seconds are before the reports that tie the one to the other, and a browser goes to where they say slowly.
const first = 5;
const wanted = first + 6;

// Firefox renders no WebAudio without a sound card, and its made-up one keeps no time.
for (const name of ['chromium']) {
  describe(`lip synchronisation in ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; });

    test('beep and flash are within 40 ms of each other', () => session(page, { native: { codecs: ['VP8', 'opus'] } }, async ({ native }) => {
      await installPictures(page);
      await installEyesAndEars(page);
      await page.evaluate(() => pc.addEventListener('track', ({ track }) => { if (track.kind === 'audio') ears(track); }));
      await native.do('batch', { commands: [{ do: 'add', kind: 'audio' }, { do: 'add', kind: 'video', source: 'test?size=320x240' }] });
      const heard = await page.evaluate(async (count) => {
        await until('a picture', () => sight()?.numbered > 0);
        eyes();
        await until('beeps and flashes', () => flashes.length > count && beeps.length > count, 20_000)
          .catch((error) => { throw new Error(`${error.message}; ${flashes.length} flashes, ${beeps.length} beeps, ${levels.length} sounds up to ${Math.max(...levels.slice(-5000))}`); });
        return { flashes, beeps };
      }, wanted);
      const skews = heard.flashes.slice(first, wanted).map((flash) => Math.round(heard.beeps.reduce((best, beep) => (Math.abs(flash - beep) < Math.abs(best) ? flash - beep : best), Infinity)));
      console.log(`# ${name}: flash after beep by ${skews.join(', ')} ms`);
      // One may be shown late because the page was busy.
      assert.ok(skews.filter((skew) => Math.abs(skew) <= 40).length >= skews.length - 1, `${skews.join(', ')} ms`);
    }));
  });
}
