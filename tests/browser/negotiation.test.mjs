// Negotiation with real browsers: ICE restarts, offers that cross, descriptions without trickle, and
// peers that do not bundle.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { session } from './lib/session.mjs';
import { eventually } from './lib/wait.mjs';

const rounds = 100;
const ufrag = (page, which) => page.evaluate((side) => /a=ice-ufrag:(\S+)/.exec(pc[side].sdp)[1], which);
// In the page: one message there and back on the channel "data", once it is open.
const lives = (page, text = 'still there') => page.evaluate(async (words) => {
  await until('the channel', () => channels.data?.readyState === 'open');
  return await roundTrip(channels.data, words) === words;
}, text);

for (const name of ['chromium', 'firefox']) {
  describe(`negotiation with ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; });

    for (const offerer of [name, 'we']) {
      const begin = (native) => (offerer === 'we'
        ? native.do('create_channel', { label: 'data' })
        : page.evaluate(() => { adopt(pc.createDataChannel('data')); }));

      for (const restarter of [name, 'we']) {
        test(`${offerer} offer, ${restarter} restart ICE: the channel never stops`, () => session(page, {}, async ({ native }) => {
          await begin(native);
          assert.ok(await lives(page));
          const before = [await ufrag(page, 'localDescription'), await ufrag(page, 'remoteDescription')];
          // In the page: a message every few milliseconds, through the restart and beyond.
          const talk = page.evaluate(async (old) => {
            const changed = () => /a=ice-ufrag:(\S+)/.exec(pc.remoteDescription.sdp)[1] !== old && pc.signalingState === 'stable';
            let after = 0;
            let sent = 0;
            for (; after < 60; ++sent) {
              if (await roundTrip(channels.data, `message ${sent}`) !== `message ${sent}`) return -1;
              if (changed()) ++after;
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
            return sent;
          }, before[1]);
          if (restarter === 'we') await native.do('restart_ice');
          else await page.evaluate(() => pc.restartIce());
          assert.ok(await talk >= 60);
          assert.notEqual(await ufrag(page, 'localDescription'), before[0]);
          assert.equal(await page.evaluate(() => pc.connectionState), 'connected');
          assert.deepEqual((await page.evaluate(() => states)).filter((state) => state === 'failed'), []);
        }));
      }

      test(`${offerer} offer, without trickle`, () => session(page, { native: { trickle: false }, page: { trickle: false } }, async ({ native }) => {
        await begin(native);
        assert.ok(await lives(page));
      }));

      // Both ways of not bundling: by policy against a peer that would, and because the peer does not know it.
      test(`${offerer} offer sound, picture and data, with a transport for each`, () => session(page, {
        native: { bundle: 'max-compat' },
        page: { configuration: { bundlePolicy: 'max-compat' } },
        change: (message) => (message.type ? { ...message, sdp: message.sdp.replace(/a=group:BUNDLE.*\r\n/, '') } : message),
      }, async ({ native }) => {
        await begin(native);
        if (offerer === 'we') {
          await native.do('add', { kind: 'audio' });
          await native.do('add', { kind: 'video' });
        } else {
          await page.evaluate(async () => {
            const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
            for (const track of stream.getTracks()) pc.addTrack(track, stream);
          });
        }
        assert.ok(await lives(page));
        await page.evaluate(() => until('a connection', () => pc.connectionState === 'connected'));
        await page.evaluate(() => until('three transports that are connected', () => {
          const transports = new Set([...pc.getTransceivers().map((t) => t.sender.transport), pc.sctp.transport]);
          return transports.size === 3 && [...transports].every((it) => it?.state === 'connected');
        }));
        // Ours may hear the last word of a handshake a moment after the page has said it.
        await eventually('three transports that we call connected', async () => (await native.do('stats')).stats
          .filter((stat) => stat.type === 'transport' && stat.dtlsState === 'connected').length === 3);
      }));
    }

    for (const polite of [true, false]) {
      test(`${rounds} rounds of glare, ${polite ? name : 'we'} polite`, () => session(page, { page: { polite }, native: { polite: !polite } }, async ({ native }) => {
        await native.do('create_channel', { label: 'data' });
        const { track } = await native.do('add', { kind: 'audio', direction: 'sendonly' });
        assert.ok(await lives(page));
        await page.evaluate(() => { window.mine = pc.addTransceiver('audio', { direction: 'sendonly' }); });
        await page.evaluate(() => until('two sections of sound', () => pc.getTransceivers().filter((t) => t.mid).length === 2 && pc.signalingState === 'stable'));
        for (let round = 0; round < rounds; ++round) {
          const direction = round % 2 ? 'sendonly' : 'inactive';
          // Both change something of their own at once.
          await Promise.all([
            native.do('set_direction', { track, direction }),
            page.evaluate((d) => { mine.direction = d; }, direction),
          ]);
          const settled = await page.evaluate(async (d) => {
            await until('an agreement', () => pc.signalingState === 'stable' && outbox.length === 0 && mine.currentDirection === d);
            return true;
          }, direction);
          assert.ok(settled);
        }
        assert.ok(await lives(page));
        const last = rounds % 2 ? 'inactive' : 'sendonly';
        await eventually(`${last} on our side`, async () => (await native.do('transceivers')).transceivers
          .find((it) => it.track === track).current === last);
        console.log(`# ${name}: offers crossed ${await page.evaluate(() => glares)} times as the page saw it`);
      }));
    }
  });
}
