// Within describe(): a blank page in this browser, from before the tests until after them.
//   let page;
//   blankPageIn(name, (opened) => { page = opened; }, { devices: { video: true } });    window.camera has them
import { after, before } from 'node:test';
import { blankPage, launch } from './browsers.mjs';

// Leave to use a device is what makes browsers show their real addresses.
export function blankPageIn(name, take, { devices = { audio: true }, launched = {}, opened = {} } = {}) {
  let site, browser;
  before(async () => {
    site = await blankPage();
    browser = await launch(name, launched);
    const page = await browser.open(site.url, opened);
    if (devices) await page.evaluate(async (wanted) => { window.camera = await navigator.mediaDevices.getUserMedia(wanted); }, devices);
    take(page);
  });
  after(async () => { await browser?.close(); site?.close(); });
}
