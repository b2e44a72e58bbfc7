// Data channels between real browsers and examples/data_channel_echo, in both offer directions.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { Native } from './lib/native.mjs';
import { connect, preparePage } from './lib/rendezvous.mjs';

// In the page: waits for a channel to open and resolves with its label.
const opened = (label) => (page) => page.evaluate((wanted) => new Promise((resolve, reject) => {
  const done = () => resolve(window.channel.label);
  setTimeout(() => reject(new Error(`no open channel; states ${states}`)), 8000);
  if (wanted !== null) {
    window.channel = pc.createDataChannel(wanted);
    window.channel.binaryType = 'arraybuffer';
    window.channel.onopen = done;
  } else {
    pc.ondatachannel = ({ channel }) => {
      window.channel = channel;
      channel.binaryType = 'arraybuffer';
      if (channel.readyState === 'open') done(); else channel.onopen = done;
    };
  }
}), label);

// In the page: sends text and bytes of many sizes, and compares what comes back.
const echoes = (page) => page.evaluate(async () => {
  const answer = () => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no echo within 5 s')), 5000);
    channel.onmessage = ({ data }) => { clearTimeout(timer); resolve(data); };
  });
  const same = [];
  for (const text of ['hello', '', 'ü€😀']) {
    const echo = answer();
    channel.send(text);
    same.push(await echo === text);
  }
  for (const size of [0, 1, 1199, 1200, 16384, 65535, 65536, 262144]) {
    const bytes = new Uint8Array(size).map((_, i) => i * 31 + size);
    const echo = answer();
    channel.send(bytes);
    const back = new Uint8Array(await echo);
    same.push(back.length === size && back.every((value, i) => value === bytes[i]));
  }
  return same;
});

for (const name of ['chromium', 'firefox']) {
  describe(`data channels with ${name}`, { skip: missing(name) }, () => {
    let page, native, wire;
    blankPageIn(name, (opened) => { page = opened; });

    const session = async (args, run) => {
      native = new Native('data_channel_echo', ['--json', ...args]);
      try {
        await preparePage(page);
        wire = connect(page, native);
        await run();
      } catch (error) {
        error.message += `\n-- the native side said:\n${native.log}\n${native.lines.map((l) => JSON.stringify(l)).join('\n')}`;
        throw error;
      } finally {
        await wire?.stop();
        await native.end();
      }
    };

    test(`${name} offers`, () => session(['--log'], async () => {
      const open = opened('from the page')(page);
      await page.evaluate(() => offer());
      assert.equal(await open, 'from the page');
      assert.deepEqual((await echoes(page)).filter((ok) => !ok), []);
    }));

    test(`${name} answers`, () => session(['--offer', '--log'], async () => {
      const open = opened(null)(page);
      assert.equal(typeof await open, 'string');
      assert.deepEqual((await echoes(page)).filter((ok) => !ok), []);
    }));
  });
}
