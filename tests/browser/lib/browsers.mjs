// The two browsers behind one small interface:
//   const browser = await launch('chromium');       null where it is not installed
//   const page = await browser.open(url);           a page in a window of its own
//   await page.evaluate(fn, ...args); await page.screenshot(path); await browser.close();
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const paths = { chromium: '/usr/bin/chromium', firefox: '/usr/bin/firefox-esr' };
export const installed = (name) => existsSync(paths[name]);
// For node:test: { skip: missing('firefox') } names what is not there.
export const missing = (name) => (installed(name) ? false : `${name} is not installed (${paths[name]})`);

const chromiumFlags = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection',
];

const firefoxPrefs = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
  'media.gmp-manager.updateEnabled': false,
  'app.update.auto': false,
};

// Firefox renders no WebAudio where there is no sound card; it brings one that is made up.
export const soundCard = { prefs: { 'media.cubeb.force_mock_context': true } };

async function launchChromium({ flags = [] } = {}) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: paths.chromium, args: [...chromiumFlags, ...flags], headless: true });
  return {
    name: 'chromium',
    async open(url, { viewport = { width: 1280, height: 800 }, colorScheme = 'light', errors = [], permissions = ['camera', 'microphone'] } = {}) {
      const context = await browser.newContext({ viewport, colorScheme, ignoreHTTPSErrors: true, permissions });
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(url);
      return {
        raw: page,
        evaluate: (fn, ...args) => page.evaluate(`(${fn})(...${JSON.stringify(args)})`),
        screenshot: (path) => page.screenshot({ path }),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}

async function launchFirefox({ prefs = {} } = {}) {
  const puppeteer = (await import('puppeteer-core')).default;
  const userDataDir = await mkdtemp(join(tmpdir(), 'lucid-firefox-'));
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: paths.firefox, headless: true, userDataDir, acceptInsecureCerts: true,
    extraPrefsFirefox: { ...firefoxPrefs, ...prefs },
  });
  return {
    name: 'firefox',
    // A window a page: a tab in the background shows no frames.
    async open(url, { viewport = { width: 1280, height: 800 }, errors = [] } = {}) {
      const page = await browser.newPage({ type: 'window' }).catch(() => browser.newPage());
      await page.setViewport(viewport).catch(() => {});
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(url);
      return {
        raw: page,
        evaluate: (fn, ...args) => page.evaluate(`(${fn})(...${JSON.stringify(args)})`),
        screenshot: (path) => page.screenshot({ path }),
        close: () => page.close(),
      };
    },
    async close() {
      await browser.close();
      await rm(userDataDir, { recursive: true, force: true });
    },
  };
}

export async function launch(name, options) {
  if (!installed(name)) return null;
  return name === 'chromium' ? launchChromium(options) : launchFirefox(options);
}

// A blank page on localhost, which browsers take for secure: cameras and host candidates work there.
export async function blankPage() {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>test</title><link rel="icon" href="data:,"><body></body>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}
