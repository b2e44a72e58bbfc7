// Host candidates behind ".local" names (draft-ietf-mmusic-mdns-ice-candidates): a page that may not use
// the camera shows no address, and neither need we.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { session } from './lib/session.mjs';

for (const name of ['chromium', 'firefox']) {
  describe(`names in place of addresses with ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; }, { devices: null, launched: { prefs: { 'media.peerconnection.ice.obfuscate_host_addresses': true } }, opened: { permissions: [] } });

    const candidates = (text) => [...text.matchAll(/candidate:\S+ \d+ (\S+) \d+ (\S+) /g)].map((found) => found[2]);
    for (const offerer of [name, 'we']) {
      for (const mdns of [false, true]) {
        test(`${offerer} offer, the page shows names and we show ${mdns ? 'names' : 'addresses'}`, () => session(page, { native: { mdns } }, async ({ native }) => {
          if (offerer === 'we') await native.do('create_channel', { label: 'data' });
          else await page.evaluate(() => { adopt(pc.createDataChannel('data')); });
          await page.evaluate(() => until('the channel', () => channels.data?.readyState === 'open'));
          assert.equal(await page.evaluate(() => roundTrip(channels.data, 'hello')), 'hello');
          const theirs = candidates(await page.evaluate(() => pc.localDescription.sdp));
          assert.ok(theirs.length > 0 && theirs.every((host) => host.endsWith('.local')), theirs.join(' '));
          const ours = candidates(await page.evaluate(() => pc.remoteDescription.sdp));
          assert.equal(ours.some((host) => host.endsWith('.local')), mdns, ours.join(' '));
        }));
      }
    }
  });
}
