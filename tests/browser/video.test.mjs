// Video between real browsers and a native peer: examples/send_ivf sends VP8 and counts what comes back.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { Native } from './lib/native.mjs';
import { connect, preparePage } from './lib/rendezvous.mjs';

const file = join(mkdtempSync(join(tmpdir(), 'lucid-video-')), 'test.ivf');
const made = () => existsSync(file) || spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=640x480:rate=30',
  '-t', '5', '-c:v', 'libvpx', '-deadline', 'realtime', '-g', '30', file]).status === 0;

// In the page: shows what comes, and counts.
const watch = (page) => page.evaluate(() => {
  window.video = document.body.appendChild(Object.assign(document.createElement('video'), { autoplay: true, muted: true, playsInline: true }));
  pc.ontrack = ({ track, streams }) => { video.srcObject = streams[0] ?? new MediaStream([track]); };
});
const played = (page, frames) => page.evaluate(async (wanted) => {
  const until = performance.now() + 10_000;
  let seen = 0;
  while (performance.now() < until) {
    for (const stat of (await pc.getStats()).values()) {
      if (stat.type === 'inbound-rtp' && stat.kind === 'video') seen = stat.framesDecoded ?? 0;
    }
    if (seen >= wanted && video.videoWidth > 0) return { seen, width: video.videoWidth, height: video.videoHeight };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { seen, width: video.videoWidth, states };
}, frames);

for (const name of ['chromium', 'firefox']) {
  describe(`video with ${name}`, { skip: missing(name) || (made() ? false : 'ffmpeg is not installed') }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; }, { devices: null });

    const session = async (args, run) => {
      const native = new Native('send_ivf', [file, ...args, '--log']);
      let wire;
      try {
        await preparePage(page);
        await watch(page);
        wire = connect(page, native);
        await run(native);
      } catch (error) {
        error.message += `\n-- the native side said:\n${native.log.slice(-20_000)}`;
        throw error;
      } finally {
        await wire?.stop();
        await native.end();
      }
    };
    const shows = async () => {
      const result = await played(page, 60);
      assert.ok(result.seen >= 60, JSON.stringify(result));
      assert.deepEqual([result.width, result.height], [640, 480]);
    };

    test(`${name} plays what we offer`, () => session(['--offer'], shows));

    test(`${name} offers its camera, plays ours and sends its own`, () => session([], async (native) => {
      await page.evaluate(async () => {
        const stream = await navigator.mediaDevices.getUserMedia({ video: true });
        for (const track of stream.getTracks()) pc.addTrack(track, stream);
        await offer();
      });
      await shows();
      const back = await native.next((line) => line.event === 'frame' && line.count >= 31, 'frames from the browser');
      assert.ok(back.count >= 31);
    }));
  });
}
