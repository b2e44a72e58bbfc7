// A page's RTCPeerConnection and tests/browser/native's test_peer, each negotiating by itself:
//   await session(page, { native: { polite: true }, page: { configuration } }, async ({ native }) => {
//     await native.do('create_channel', { label: 'x' });
//     await page.evaluate(() => until('the channel', () => channels.x?.readyState === 'open'));
//   });
// Fails when either side reported an error that the test did not take.
import assert from 'node:assert/strict';
import { Native } from './native.mjs';
import { connect, preparePage } from './rendezvous.mjs';

export async function session(page, options, run) {
  const { native: ours = {}, page: theirs = {}, change } = options;
  // One of the two is polite: the page, if nothing is said.
  const polite = theirs.polite ?? !ours.polite;
  const native = new Native('test_peer', [JSON.stringify({ polite: !polite, ...ours }), ...(process.env.NATIVE_LOG ?? '').split(' ').filter(Boolean)]);
  let wire;
  try {
    await preparePage(page, theirs.configuration, { automatic: true, ...theirs, polite });
    wire = connect(page, native, change ? { change } : {});
    await run({ native, wire });
    assert.deepEqual(wire.errors, []);
    assert.deepEqual(await page.evaluate(() => failures), []);
    assert.deepEqual(native.lines.filter((line) => line.event === 'error'), []);
  } catch (error) {
    const lines = native.lines.filter((line) => !line.type && !('candidate' in line));
    error.message += `\n-- the native side said:\n${lines.map((line) => JSON.stringify(line)).join('\n').slice(-6000)}\n${native.log.slice(-30_000)}`;
    throw error;
  } finally {
    // In this order: what a page has begun when its connection is closed never ends (W3C webrtc-pc 4.4.1.2).
    await wire?.stop();
    await page.evaluate(() => pc.close()).catch(() => {});
    await native.end();
  }
}
