// Data channels of every kind between real browsers and a native peer, in both offer directions.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankPageIn } from './lib/blank_page.mjs';
import { missing } from './lib/browsers.mjs';
import { session } from './lib/session.mjs';

const kinds = {
  'ordered': {},
  'unordered': { ordered: false },
  'no retransmits': { maxRetransmits: 0 },
  'unordered, three retransmits': { ordered: false, maxRetransmits: 3 },
  'lifetime 500 ms': { maxPacketLifeTime: 500 },
  'unordered, lifetime 500 ms': { ordered: false, maxPacketLifeTime: 500, protocol: 'chat' },
};
const reliability = ({ ordered, maxRetransmits, maxPacketLifeTime, protocol }) =>
  ({ ordered, protocol, maxRetransmits: maxRetransmits ?? null, maxPacketLifeTime: maxPacketLifeTime ?? null });
const wanted = (init) => reliability({ ordered: true, protocol: '', ...init });

// In the page: text and bytes of many sizes go round; the ones that came back wrong.
const echoes = (page, label) => page.evaluate(async (name) => {
  const channel = await until(`the channel ${name} to open`, () => channels[name]?.readyState === 'open' && channels[name]);
  const wrong = [];
  for (const text of ['hello', '', 'ü€😀', '\0', 'x'.repeat(65536)]) {
    if (await roundTrip(channel, text) !== text) wrong.push(`text ${text.length}`);
  }
  for (const size of [0, 1, 2, 1199, 1200, 1201, 16384, 65535, 65536, 262143, 262144]) {
    const bytes = new Uint8Array(size).map((_, i) => i * 31 + size);
    const back = new Uint8Array(await roundTrip(channel, bytes));
    if (back.length !== size || !back.every((value, i) => value === bytes[i])) wrong.push(`bytes ${size}`);
  }
  return wrong;
}, label);
const state = (page, label) => page.evaluate((name) => channels[name]?.readyState ?? 'none', label);

for (const name of ['chromium', 'firefox']) {
  describe(`channels with ${name}`, { skip: missing(name) }, () => {
    let page;
    blankPageIn(name, (opened) => { page = opened; });

    for (const offerer of [name, 'we']) {
      const create = (native, label, init = {}) => (offerer === 'we'
        ? native.do('create_channel', { label, init })
        : page.evaluate((l, i) => { adopt(pc.createDataChannel(l, i)); }, label, init));

      test(`${offerer} offer: text and bytes of every size come back`, () => session(page, {}, async ({ native }) => {
        await create(native, 'echo');
        assert.deepEqual(await echoes(page, 'echo'), []);
      }));

      test(`${offerer} offer: channels of each reliability`, () => session(page, {}, async ({ native }) => {
        for (const [label, init] of Object.entries(kinds)) await create(native, label, init);
        for (const [label, init] of Object.entries(kinds)) {
          assert.equal(await page.evaluate(async (l) => {
            const channel = await until(`the channel ${l}`, () => channels[l]?.readyState === 'open' && channels[l]);
            return roundTrip(channel, `on ${l}`);
          }, label), `on ${label}`);
          const seen = offerer === 'we'
            ? await page.evaluate((l) => {
              const { ordered, protocol, maxRetransmits, maxPacketLifeTime } = channels[l];
              return { ordered, protocol, maxRetransmits, maxPacketLifeTime };
            }, label)
            : await native.next((line) => line.event === 'announced' && line.label === label, `channel ${label}`);
          assert.deepEqual(reliability(seen), wanted(init), label);
        }
      }));

      test(`${offerer} offer: negotiated channels, and one later`, () => session(page, {}, async ({ native }) => {
        const both = async (label, init) => {
          const mine = { negotiated: true, ...init };
          await page.evaluate((l, i) => { adopt(pc.createDataChannel(l, i)); }, label, mine);
          await native.do('create_channel', { label, init: mine });
        };
        // Whoever creates first offers.
        if (offerer === 'we') await native.do('create_channel', { label: 'seven', init: { negotiated: true, id: 7 } });
        await page.evaluate(() => { adopt(pc.createDataChannel('seven', { negotiated: true, id: 7 })); });
        if (offerer !== 'we') await native.do('create_channel', { label: 'seven', init: { negotiated: true, id: 7 } });
        assert.deepEqual(await echoes(page, 'seven'), []);
        await both('hundred', { id: 100, ordered: false, maxRetransmits: 1 });
        assert.equal(await page.evaluate(async () => {
          await until('the later channel', () => channels.hundred.readyState === 'open');
          return roundTrip(channels.hundred, 'later');
        }), 'later');
        assert.equal(native.lines.filter((line) => line.event === 'announced').length, 0);
      }));

      test(`${offerer} offer: fifty channels, each its own`, () => session(page, {}, async ({ native }) => {
        const labels = Array.from({ length: 50 }, (_, i) => `channel ${i}`);
        for (const label of labels) await create(native, label);
        const back = await page.evaluate(async (all) => {
          await until('fifty open channels', () => all.every((label) => channels[label]?.readyState === 'open'));
          return Promise.all(all.map((label) => roundTrip(channels[label], label)));
        }, labels);
        assert.deepEqual(back, labels);
        assert.equal(new Set(await page.evaluate(() => Object.values(channels).map((c) => c.id))).size, 50);
      }));

      test(`${offerer} offer: both sides close channels, and a label can be used again`, () => session(page, { native: { echo: false } }, async ({ native }) => {
        for (const label of ['one', 'two', 'stays']) await create(native, label);
        await page.evaluate(() => until('three open channels', () => ['one', 'two', 'stays'].every((l) => channels[l]?.readyState === 'open')));
        await page.evaluate(() => { channels.one.send('last words'); channels.one.close(); });
        assert.equal((await native.next((line) => line.event === 'message' && line.label === 'one', 'message')).text, 'last words');
        await native.next((line) => line.event === 'closed' && line.label === 'one', 'the end of channel one');
        await native.do('send_text', { label: 'two', text: 'our last words' });
        await native.do('close_channel', { label: 'two' });
        await native.next((line) => line.event === 'closed' && line.label === 'two', 'the end of channel two');
        await page.evaluate(() => until('both closed', () => ['one', 'two'].every((l) => channels[l].readyState === 'closed')));
        assert.equal(await page.evaluate(() => channels.two.bytes), 'our last words'.length);
        assert.ok((await page.evaluate(() => channels.two.seen)).includes('close'));
        await native.do('echo');
        await create(native, 'one');
        assert.equal(await page.evaluate(async () => {
          await until('the new channel', () => channels.one.readyState === 'open');
          return roundTrip(channels.one, 'again');
        }), 'again');
        assert.equal(await state(page, 'stays'), 'open');
      }));
    }

    test('we close the connection', () => session(page, {}, async ({ native }) => {
      await native.do('create_channel', { label: 'data' });
      await page.evaluate(() => until('the channel', () => channels.data?.readyState === 'open'));
      await native.do('close');
      await page.evaluate(() => until('its end', () => channels.data.readyState === 'closed'));
    }));

    test(`${name} closes the connection`, () => session(page, {}, async ({ native, wire }) => {
      await native.do('create_channel', { label: 'data' });
      await page.evaluate(() => until('the channel', () => channels.data?.readyState === 'open'));
      await wire.stop();
      await page.evaluate(() => pc.close());
      await native.next((line) => line.event === 'closed' && line.label === 'data', 'the end of the channel');
    }));
  });
}
