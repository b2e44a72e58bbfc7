// Simulcast from Chromium to a native peer, and from there packet by packet to other browsers: examples/forward.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { blankPage, launch, missing } from './lib/browsers.mjs';
import { Native } from './lib/native.mjs';
import { installPictures } from './lib/picture.mjs';
import { connect, preparePage } from './lib/rendezvous.mjs';

// One of the peers that `forward` tells apart by name, as if it were alone with it.
const named = (native, peer) => ({
  send: (line) => native.send({ ...line, peer }),
  hand: (matches, take) => native.hand((line) => line.peer === peer && matches(line), take),
  next: (matches, what, milliseconds) => native.next((line) => line.peer === peer && matches(line), what, milliseconds),
  set log(text) { native.log = text; },
  get log() { return native.log; },
});

// In the page: a camera of 1280x720 in three sizes. Of one of 640x480 Chromium sends the two small ones alone: it
// gives each picture as many encodings as its size is worth, and counts from the smallest.
const publish = (page) => page.evaluate(async () => {
  window.media ??= await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
  const { sender } = pc.addTransceiver(media.getVideoTracks()[0], {
    direction: 'sendonly', streams: [media],
    sendEncodings: [
      { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 80_000 },
      { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 200_000 },
      { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_000_000 },
    ],
  });
  // Or a machine with too much to do loses its largest size.
  await sender.setParameters({ ...sender.getParameters(), degradationPreference: 'maintain-resolution' });
  await offer();
});
const view = (page) => page.evaluate(async () => {
  window.video?.remove();
  window.video = document.body.appendChild(Object.assign(document.createElement('video'), { autoplay: true, muted: true, playsInline: true }));
  pc.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); };
  pc.addTransceiver('video', { direction: 'recvonly' });
  await offer();
});
const played = (page, frames) => page.evaluate(async (wanted) => {
  const until = performance.now() + 12_000;
  let seen = 0;
  while (performance.now() < until) {
    for (const stat of (await pc.getStats()).values()) {
      if (stat.type === 'inbound-rtp' && stat.kind === 'video') seen = stat.framesDecoded ?? 0;
    }
    if (seen >= wanted) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { seen, width: video.videoWidth, height: video.videoHeight, states };
}, frames);

describe('simulcast and forwarding', { skip: missing('chromium') }, () => {
  let site, chromium, publisher;
  before(async () => {
    site = await blankPage();
    chromium = await launch('chromium');
    publisher = await chromium.open(site.url);
  });
  after(async () => { await chromium?.close(); site?.close(); });

  const session = async (program, args, run) => {
    const native = new Native(program, args);
    const wires = [];
    try {
      await run(native, async (page, peer) => {
        await preparePage(page);
        wires.push(connect(page, peer));
      });
    } catch (error) {
      error.message += `\n-- the native side said:\n${native.log.slice(-20_000)}`;
      throw error;
    } finally {
      await Promise.all(wires.map((wire) => wire.stop()));
      await native.end();
    }
  };

  test('chromium\'s three sizes all arrive', () => session('forward', ['none'], async (native, call) => {
    await call(publisher, named(native, 'publisher'));
    await publish(publisher);
    for (const rid of ['q', 'h', 'f']) {
      const line = await native.next((it) => it.event === 'packets' && it.rid === rid && it.count >= 100, `packets of ${rid}`, 15_000);
      assert.equal(line.peer, 'publisher');
    }
  }));

  // Chromium begins with the small size and adds the others as it learns what the path takes.
  const arriving = (native, rid) => native.next((it) => it.event === 'packets' && it.rid === rid, `packets of ${rid}`, 15_000);

  for (const [rid, width] of [['q', 320], ['f', 1280]]) {
    test(`a viewer gets the size that forward picks: ${rid}`, () => session('forward', [rid], async (native, call) => {
      await call(publisher, named(native, 'publisher'));
      await publish(publisher);
      await arriving(native, rid);
      const viewer = await chromium.open(site.url);
      try {
        await call(viewer, named(native, 'ann'));
        await view(viewer);
        const result = await played(viewer, 10);
        assert.ok(result.seen >= 10, JSON.stringify(result));
        assert.equal(result.width, width, JSON.stringify(result));
      } finally {
        await viewer.close();
      }
    }));
  }

  test('two viewers see what one publishes', () => session('forward', ['h'], async (native, call) => {
    await call(publisher, named(native, 'publisher'));
    await publish(publisher);
    await arriving(native, 'h');
    const viewers = [await chromium.open(site.url), await chromium.open(site.url)];
    try {
      for (const [index, viewer] of viewers.entries()) {
        await call(viewer, named(native, `viewer ${index}`));
        await view(viewer);
      }
      for (const viewer of viewers) {
        const result = await played(viewer, 10);
        assert.ok(result.seen >= 10, JSON.stringify(result));
        assert.equal(result.width, 640, JSON.stringify(result));
      }
    } finally {
      await Promise.all(viewers.map((viewer) => viewer.close()));
    }
  }));

  for (const [rid, width] of [['q', 160], ['h', 320], ['f', 640]]) {
    test(`of three sizes of ours a viewer gets the one that forward picks: ${rid}`, () => session('forward', [rid], async (native, call) => {
      const ours = new Native('test_peer', [JSON.stringify({ codecs: ['VP8'] })]);
      const signals = (line) => line.type !== undefined || 'candidate' in line;
      ours.hand(signals, (line) => native.send({ ...line, peer: 'publisher' }));
      native.hand((line) => line.peer === 'publisher' && signals(line), (line) => ours.send(line));
      try {
        await ours.do('add', {
          kind: 'video', direction: 'sendonly', source: 'test?size=640x480',
          encodings: [{ rid: 'q', scaleResolutionDownBy: 4 }, { rid: 'h', scaleResolutionDownBy: 2 }, { rid: 'f' }],
        });
        for (const each of ['q', 'h', 'f']) await native.next((it) => it.event === 'packets' && it.rid === each, `packets of ${each}`, 15_000);
        const viewer = await chromium.open(site.url);
        try {
          await call(viewer, named(native, 'ann'));
          await installPictures(viewer);
          await view(viewer);
          // A machine with too much to do begins with less of the largest.
          const backward = await viewer.evaluate(async (wanted) => {
            await until(`pictures ${wanted} wide`, () => sight()?.numbered >= 30 && sight().video.videoWidth === wanted, 12_000);
            return sight().backward;
          }, width);
          assert.equal(backward, 0);
        } finally {
          await viewer.close();
        }
      } finally {
        await ours.end();
      }
    }));
  }
});
