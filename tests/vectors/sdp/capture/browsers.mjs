// Captures offers and answers of headless Chromium and Firefox into ../chromium and ../firefox. Needs playwright-core and puppeteer-core (npm install playwright-core puppeteer-core).
//   node browsers.mjs [--chromium /usr/bin/chromium] [--firefox /usr/bin/firefox-esr]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import http from 'node:http';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';

const here = dirname(fileURLToPath(import.meta.url));
const option = (name, otherwise) => {
  const at = process.argv.indexOf('--' + name);
  return at < 0 ? otherwise : process.argv[at + 1];
};

// Runs inside the page. Every scenario returns { 'name.offer': text, 'name.answer': text, ... }.
async function scenarios() {
  const out = {};
  const media = (video = true) => navigator.mediaDevices.getUserMedia({ audio: true, video });
  const gathered = (pc) => new Promise((resolve) => {
    if (pc.iceGatheringState === 'complete') return resolve();
    setTimeout(resolve, 5000);
    pc.addEventListener('icegatheringstatechange', () => pc.iceGatheringState === 'complete' && resolve());
  });
  const pair = (configuration) => {
    const a = new RTCPeerConnection(configuration), b = new RTCPeerConnection(configuration);
    a.onicecandidate = (e) => b.addIceCandidate(e.candidate).catch(() => {});
    b.onicecandidate = (e) => a.addIceCandidate(e.candidate).catch(() => {});
    return [a, b];
  };
  const exchange = async (a, b, name) => {
    await a.setLocalDescription(await a.createOffer());
    out[name + '.offer'] = a.localDescription.sdp;
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription(await b.createAnswer());
    out[name + '.answer'] = b.localDescription.sdp;
    await a.setRemoteDescription(b.localDescription);
  };
  const whole = async (name, run) => {
    try { await run(name); } catch (error) { out[name + '.error'] = String(error); }
  };
  const encodings = [{ rid: 'q', scaleResolutionDownBy: 4 }, { rid: 'h', scaleResolutionDownBy: 2 }, { rid: 'f' }];

  await whole('data', async (name) => {
    const [a, b] = pair(); a.createDataChannel('x'); await exchange(a, b, name); a.close(); b.close();
  });
  await whole('data-gathered', async (name) => {
    const [a, b] = pair(); a.createDataChannel('x'); await exchange(a, b, name);
    await gathered(a); await gathered(b);
    out[name + '.offer'] = a.localDescription.sdp; out[name + '.answer'] = b.localDescription.sdp;
    a.close(); b.close();
  });
  await whole('audio-video', async (name) => {
    const [a, b] = pair(); const s = await media();
    s.getTracks().forEach((t) => a.addTrack(t, s)); s.getTracks().forEach((t) => b.addTrack(t, s));
    await exchange(a, b, name); await gathered(a); await gathered(b);
    out[name + '-gathered.offer'] = a.localDescription.sdp; out[name + '-gathered.answer'] = b.localDescription.sdp;
    a.createDataChannel('later'); a.addTransceiver('video', { direction: 'sendonly' });
    await exchange(a, b, 'renegotiated');
    await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
    out['ice-restart.offer'] = a.localDescription.sdp;
    await b.setRemoteDescription(a.localDescription); await b.setLocalDescription(await b.createAnswer());
    out['ice-restart.answer'] = b.localDescription.sdp; await a.setRemoteDescription(b.localDescription);
    a.getTransceivers()[1].stop(); await exchange(a, b, 'stopped');
    a.addTransceiver('audio'); await exchange(a, b, 'recycled');
    a.addTransceiver('video'); await a.setLocalDescription(); out['rolled-back.offer'] = a.localDescription.sdp;
    await a.setLocalDescription({ type: 'rollback' });
    await exchange(b, a, 'after-rollback');
    a.close(); b.close();
  });
  await whole('receive-only', async (name) => {
    const [a, b] = pair();
    a.addTransceiver('audio', { direction: 'recvonly' }); a.addTransceiver('video', { direction: 'recvonly' });
    await exchange(a, b, name); a.close(); b.close();
  });
  await whole('simulcast', async (name) => {
    const [a, b] = pair(); const s = await media();
    a.addTransceiver(s.getAudioTracks()[0], { streams: [s] });
    a.addTransceiver(s.getVideoTracks()[0], { streams: [s], sendEncodings: encodings });
    await exchange(a, b, name); a.close(); b.close();
  });
  for (const policy of ['max-bundle', 'balanced', 'max-compat']) {
    await whole(policy, async (name) => {
      const [a, b] = pair({ bundlePolicy: policy }); const s = await media();
      s.getTracks().forEach((t) => a.addTrack(t, s)); a.addTransceiver('video'); a.createDataChannel('x');
      await exchange(a, b, name); a.close(); b.close();
    });
  }
  for (const codec of ['video/VP8', 'video/VP9', 'video/AV1', 'video/H264', 'audio/PCMU', 'audio/G722']) {
    await whole('only-' + codec.split('/')[1].toLowerCase(), async (name) => {
      const kind = codec.split('/')[0]; const [a, b] = pair(); const t = a.addTransceiver(kind);
      const wanted = RTCRtpReceiver.getCapabilities(kind).codecs.filter((c) => [codec, 'video/rtx'].includes(c.mimeType));
      if (!wanted.some((c) => c.mimeType === codec)) return;
      t.setCodecPreferences(wanted); await exchange(a, b, name); a.close(); b.close();
    });
  }
  await whole('refused', async (name) => {
    const [a, b] = pair(); a.addTransceiver('audio'); a.addTransceiver('video'); a.createDataChannel('x');
    await a.setLocalDescription(); out[name + '.offer'] = a.localDescription.sdp;
    await b.setRemoteDescription(a.localDescription); b.getTransceivers()[1].stop();
    await b.setLocalDescription(); out[name + '.answer'] = b.localDescription.sdp; a.close(); b.close();
  });
  await whole('twenty-sections', async (name) => {
    const [a, b] = pair();
    for (let i = 0; i < 10; ++i) { a.addTransceiver('audio'); a.addTransceiver('video'); }
    await exchange(a, b, name); a.close(); b.close();
  });
  return out;
}

// Answers an offer that another browser made.
async function answer(sdp) {
  const pc = new RTCPeerConnection();
  try {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    return pc.localDescription.sdp;
  } catch (error) { return null; } finally { pc.close(); }
}

function save(folder, descriptions) {
  mkdirSync(join(here, '..', folder), { recursive: true });
  for (const [name, text] of Object.entries(descriptions)) {
    if (!text || name.endsWith('.error')) { console.error(folder, name, text); continue; }
    writeFileSync(join(here, '..', folder, name + '.sdp'), text);
  }
}

const server = http.createServer((_, response) => response.end('<!doctype html><title>sdp</title>'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://localhost:${server.address().port}/`;

const c = await chromium.launch({ executablePath: option('chromium', '/usr/bin/chromium'), headless: false,
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] });
const f = await puppeteer.launch({ browser: 'firefox', executablePath: option('firefox', '/usr/bin/firefox-esr'), headless: true,
  extraPrefsFirefox: { 'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true,
    'media.peerconnection.ice.loopback': true, 'media.peerconnection.ice.obfuscate_host_addresses': false } });
try {
  const pages = { chromium: await (await c.newContext({ permissions: ['camera', 'microphone'] })).newPage(), firefox: await f.newPage() };
  const made = {};
  for (const [name, page] of Object.entries(pages)) {
    await page.goto(url);
    made[name] = await page.evaluate(scenarios);
    save(name, made[name]);
  }
  for (const [name, other] of [['chromium', 'firefox'], ['firefox', 'chromium']]) {
    const answers = {};
    for (const key of ['data', 'audio-video', 'simulcast', 'max-compat', 'receive-only']) {
      answers[`to-${other}-${key}.answer`] = await pages[name].evaluate(answer, made[other][key + '.offer']);
    }
    save(name, answers);
  }
} finally {
  await c.close();
  await f.close();
  server.close();
}
