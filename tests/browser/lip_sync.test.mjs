// Sound and picture in step, as a page shows and plays them: the test picture's flash against the test tone's beep.
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { installEyesAndEars, installPictures } from './lib/picture.mjs';
import { session } from './lib/session.mjs';

// The first seconds are before the reports that tie the one to the other, and a browser goes to where they say slowly.
const first = 5;

// Firefox renders no WebAudio without a sound card, and its made-up one keeps no time.
for (const name of ['chromium']) {
  describe(`lip synchronisation in ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; });

    test('six beeps and flashes in a row are within 40 ms of each other', () => session(page, { native: { codecs: ['VP8', 'opus'] } }, async ({ native }) => {
      await installPictures(page);
      await installEyesAndEars(page);
      await page.evaluate(() => pc.addEventListener('track', ({ track }) => { if (track.kind === 'audio') ears(track); }));
      await native.do('batch', { commands: [{ do: 'add', kind: 'audio' }, { do: 'add', kind: 'video', source: 'test?size=320x240' }] });
      const skews = await page.evaluate(async (skip) => {
        await until('a picture', () => sight()?.numbered > 0);
        eyes();
        const skew = (flash) => Math.round(beeps.reduce((best, beep) => (Math.abs(flash - beep) < Math.abs(best) ? flash - beep : best), Infinity));
        const all = () => flashes.filter((flash) => beeps.at(-1) > flash + 500).slice(skip).map(skew);
        // One may be shown late because the page was busy.
        const inStep = (last) => last.length === 6 && last.filter((one) => Math.abs(one) <= 40).length >= 5;
        await until('beep and flash in step', () => inStep(all().slice(-6)), 30_000)
          .catch((error) => { throw new Error(`${error.message}: ${all().join(', ')} ms; ${beeps.length} beeps, ${levels.length} sounds up to ${Math.max(...levels.slice(-5000))}`); });
        return all();
      }, first);
      console.log(`# ${name}: flash after beep by ${skews.join(', ')} ms`);
    }));
  });
}
