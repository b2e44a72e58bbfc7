// WHIP in, WHEP out: a page publishes, two watch; and the manners of HTTP on the way.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from './lib/browsers.mjs';
import { Server } from './lib/server.mjs';
import { click, moves, says } from './lib/wait.mjs';

for (const name of ['chromium', 'firefox']) {
  describe(`WHIP and WHEP in ${name}`, { skip: missing(name) }, () => {
    let server, browser;
    before(async () => {
      server = await Server.start();
      browser = await launch(name);
    });
    after(async () => { await browser?.close(); await server?.stop(); });

    test('what one page sends two others see at once, without a decoder between', async () => {
      const publisher = await browser.open(`${server.url}watch/blue`);
      await click(publisher, 'publish');
      await says(publisher, 'state', 'Everybody in blue can watch you now.');
      // The encoder has long sent its first key frame: whoever comes now needs one of its own.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const viewers = [];
      for (let i = 0; i < 2; ++i) {
        const viewer = await browser.open(`${server.url}watch/blue`);
        viewers.push(viewer);
        const began = Date.now();
        await click(viewer, 'watch');
        await moves(viewer, 'video');
        assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
        await says(viewer, 'state', 'Watching blue.');
      }
      const metrics = async () => (await (await fetch(`${server.url}metrics`)).text()).match(/^lucid_(publishers|viewers) .*/gm);
      assert.deepEqual(await metrics(), ['lucid_publishers 1', 'lucid_viewers 2']);
      await click(publisher, 'end');
      for (let end = performance.now() + 5000; performance.now() < end && (await metrics())[1] !== 'lucid_viewers 0';);
      assert.deepEqual(await metrics(), ['lucid_publishers 0', 'lucid_viewers 0']);
    });

    test('an empty room says so', async () => {
      const viewer = await browser.open(`${server.url}watch/empty`);
      await click(viewer, 'watch');
      await says(viewer, 'state', 'Nobody publishes in this room yet.');
    });

    test('candidates, an ICE restart and the end, by HTTP', async () => {
      const page = await browser.open(`${server.url}watch/red`);
      const log = await page.evaluate(async () => {
        const log = {};
        const pc = new RTCPeerConnection();
        const canvas = document.createElement('canvas');
        canvas.getContext('2d').fillRect(0, 0, 10, 10);
        pc.addTransceiver(canvas.captureStream(10).getVideoTracks()[0], { direction: 'sendonly' });
        const gathered = () => new Promise((resolve) => { pc.onicecandidate = ({ candidate }) => candidate ?? resolve(); });
        let all = gathered();
        await pc.setLocalDescription();
        const answer = await fetch('/whip/red', { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp });
        const url = answer.headers.get('Location');
        const tag = answer.headers.get('ETag');
        await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
        const part = (sdp) => ['ice-ufrag', 'ice-pwd'].map((key) => sdp.match(new RegExp(`a=${key}:.*`))[0]).join('\r\n');
        const patch = (match, sdp, rest = '') => fetch(url, {
          method: 'PATCH', body: `${part(sdp)}\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n${rest}`,
          headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', ...(match && { 'If-Match': match }) },
        });
        log.none = (await patch(null, pc.localDescription.sdp)).status;
        log.wrong = (await patch('"x"', pc.localDescription.sdp)).status;
        await all;
        const candidates = pc.localDescription.sdp.match(/a=candidate:.*/g).join('\r\n');
        log.right = (await patch(tag, pc.localDescription.sdp, `${candidates}\r\n`)).status;
        const connected = () => new Promise((resolve) => {
          const look = () => pc.connectionState === 'connected' && resolve();
          pc.addEventListener('connectionstatechange', look);
          look();
        });
        await connected();
        const before = pc.remoteDescription.sdp;
        all = gathered();
        await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
        await all;
        const restarted = await patch('*', pc.localDescription.sdp, `${pc.localDescription.sdp.match(/a=candidate:.*/g).join('\r\n')}\r\n`);
        log.restart = restarted.status;
        log.newTag = restarted.headers.get('ETag') !== tag;
        const fragment = await restarted.text();
        const [ufrag, pwd] = part(fragment).split('\r\n');
        const sdp = before.replace(/a=ice-ufrag:.*\r\n/g, `${ufrag}\r\n`).replace(/a=ice-pwd:.*\r\n/g, `${pwd}\r\n`)
          .replace(/a=candidate:.*\r\n|a=end-of-candidates\r\n/g, '');
        await pc.setRemoteDescription({ type: 'answer', sdp });
        for (const line of fragment.match(/candidate:.*/g)) await pc.addIceCandidate({ candidate: line, sdpMid: '0' });
        for (const end = performance.now() + 5000; performance.now() < end && !log.pair;) {
          const report = [...(await pc.getStats()).values()];
          // Pairs of the old generation may linger: one of the new must work.
          log.pair = report.filter(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded')
            .map((pair) => report.find(({ id }) => id === pair.localCandidateId))
            .some((local) => local && (!local.usernameFragment || pc.localDescription.sdp.includes(local.usernameFragment)));
        }
        log.end = (await fetch(url, { method: 'DELETE' })).status;
        log.again = (await fetch(url, { method: 'DELETE' })).status;
        pc.close();
        return log;
      });
      assert.deepEqual(log, { none: 428, wrong: 412, right: 204, restart: 200, newTag: true, pair: true, end: 200, again: 404 });
    });
  });
}
