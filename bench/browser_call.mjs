// A call between Chromium and Lucid beside one between Chromium and Chromium, in the same run:
//   node bench/browser_call.mjs [SECONDS] [SETUPS]       (default 30 and 10; after scripts/build release)
// Prints medians and ratios. Both calls are VP8 640x480 at 30 frames a second and Opus, both ways, and both
// are signalled through this program. "from the answer" leaves out what signaling costs: it starts when the
// caller has the answer.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blankPage, launch } from '../tests/browser/lib/browsers.mjs';
import { Native } from '../tests/browser/lib/native.mjs';
import { installPictures } from '../tests/browser/lib/picture.mjs';
import { connect, preparePage } from '../tests/browser/lib/rendezvous.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.env.PATH = `${process.env.PATH}:${join(root, 'build/release/tests')}`;
const seconds = Number(process.argv[2] ?? 30);
const setups = Number(process.argv[3] ?? 10);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

const site = await blankPage();
// The fake camera makes 20 frames a second if nothing is said.
const browser = await launch('chromium', { flags: ['--use-fake-device-for-media-stream=fps=30'] });
const [caller, callee] = [await browser.open(site.url), await browser.open(site.url)];
for (const page of [caller, callee]) {
  await page.evaluate(async () => {
    window.camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480, frameRate: 30 } });
  });
}

// The callee as something that takes and gives messages, which is what connect() wants of a native program.
class PageAsPeer {
  constructor(page) { this.page = page; this.log = ''; this.sending = Promise.resolve(); }
  send(message) { this.sending = this.sending.then(() => this.page.evaluate((m) => give(m), message)).catch((error) => { this.log += error; }); }
  hand(_matches, take) {
    this.running = true;
    this.taking = (async () => {
      while (this.running) for (const message of await this.page.evaluate(() => take())) take(message);
    })();
  }
  async start() {
    await preparePage(this.page);
    await this.page.evaluate(() => {
      pc.addEventListener('track', ({ track }) => watchPlain(track));
      window.watchPlain = (track) => {
        const element = Object.assign(document.createElement(track.kind), { autoplay: true, muted: true, srcObject: new MediaStream([track]) });
        document.body.appendChild(element);
      };
      const answer = give;
      window.give = async (message) => {
        if (message.type === 'offer') camera.getTracks().forEach((track) => pc.addTrack(track, camera));
        await answer(message);
      };
    });
  }
  async end() {
    this.running = false;
    await this.page.evaluate(() => wake());
    await this.taking;
    await this.page.evaluate(() => { pc.close(); document.body.replaceChildren(); });
  }
}

class Lucid extends Native {
  constructor() { super('test_peer', [JSON.stringify({ codecs: ['VP8', 'opus'], offers: false })]); }
  start() {
    return this.do('batch', { commands: [{ do: 'add', kind: 'audio' }, { do: 'add', kind: 'video', source: 'test?size=640x480&fps=30' }] });
  }
}

// One call; what the caller saw of it.
async function call(peer, length) {
  await peer.start();
  await preparePage(caller);
  await installPictures(caller);
  const wire = connect(caller, peer);
  const setup = await caller.evaluate(async () => {
    for (const track of camera.getTracks()) {
      const sender = pc.addTrack(track, camera);
      const transceiver = pc.getTransceivers().find((it) => it.sender === sender);
      const { codecs } = RTCRtpReceiver.getCapabilities(track.kind);
      const wanted = track.kind === 'video' ? /VP8|rtx/ : /opus/;
      transceiver.setCodecPreferences(codecs.filter((it) => wanted.test(it.mimeType)));
    }
    const at = {};
    const began = performance.now();
    pc.addEventListener('signalingstatechange', () => { if (pc.signalingState === 'stable') at.answer ??= performance.now() - began; });
    pc.addEventListener('connectionstatechange', () => { if (pc.connectionState === 'connected') at.connected ??= performance.now() - began; });
    await offer();
    await until('a picture', () => sight()?.firstAt, 15_000);
    at.picture = sight().firstAt - began;
    return at;
  });
  let flow = null;
  if (length > 0) {
    await sleep(1000);  // the start is judged above
    flow = await caller.evaluate(async (ms) => {
      const look = async () => ({ video: await inbound('video'), audio: await inbound('audio'), gaps: sight().gaps.length, numbered: sight().numbered });
      const before = await look();
      await new Promise((resolve) => setTimeout(resolve, ms));
      const after = await look();
      const grown = (kind, member) => (after[kind][member] ?? 0) - (before[kind][member] ?? 0);
      return {
        'frames decoded': grown('video', 'framesDecoded'),
        'frames dropped': grown('video', 'framesDropped'),
        'freezes': grown('video', 'freezeCount'),
        'freezes, ms': Math.round(1000 * grown('video', 'totalFreezesDuration')),
        'concealed samples': grown('audio', 'concealedSamples'),
        'of these silent': grown('audio', 'silentConcealedSamples'),
        'concealments': grown('audio', 'concealmentEvents'),
        'packets lost': grown('video', 'packetsLost') + grown('audio', 'packetsLost'),
        'jitter buffer, ms a frame': Math.round(1000 * grown('video', 'jitterBufferDelay') / grown('video', 'jitterBufferEmittedCount')),
        'numbers read': after.numbered - before.numbered,
        'gaps in the numbers': after.gaps - before.gaps,
      };
    }, length * 1000);
  }
  await wire.stop();
  await caller.evaluate(() => { pc.close(); document.body.replaceChildren(); });
  if (flow && peer instanceof Lucid) {
    const { streams } = await peer.do('received');
    console.log('what Lucid received:', JSON.stringify(streams));
  }
  await peer.end();
  return { setup, flow };
}

const kinds = { lucid: () => new Lucid(), chromium: () => new PageAsPeer(callee) };
const found = { lucid: [], chromium: [] };
for (const kind of ['lucid', 'chromium']) await call(kinds[kind](), 0);  // warm
for (let i = 0; i < setups; ++i) for (const kind of ['lucid', 'chromium']) found[kind].push((await call(kinds[kind](), 0)).setup);
const row = (name, ours, theirs) => console.log(`${name.padEnd(34)}${String(ours).padStart(10)}${String(theirs).padStart(10)}${(theirs ? (ours / theirs).toFixed(2) : '-').padStart(8)}`);
const times = (kind, of) => Math.round(10 * median(found[kind].map(of))) / 10;
console.log(`${''.padEnd(34)}${'Lucid'.padStart(10)}${'Chromium'.padStart(10)}${'ratio'.padStart(8)}`);
for (const [name, of] of [
  ['connected, ms', (it) => it.connected], ['first picture shown, ms', (it) => it.picture],
  ['connected, ms from the answer', (it) => it.connected - it.answer], ['first picture, ms from the answer', (it) => it.picture - it.answer]]) {
  row(name, times('lucid', of), times('chromium', of));
}
if (seconds > 0) {
  const [ours, theirs] = [(await call(kinds.lucid(), seconds)).flow, (await call(kinds.chromium(), seconds)).flow];
  for (const name of Object.keys(ours)) row(name, ours[name], theirs[name]);
}
await browser.close();
site.close();
