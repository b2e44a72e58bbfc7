// The pages among themselves: a call from one browser window to another, a room, copy and paste, the laboratories.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { launch, missing } from './lib/browsers.mjs';
import { Server } from './lib/server.mjs';
import { click, moves, says, type, until } from './lib/wait.mjs';

for (const name of ['chromium', 'firefox']) {
  describe(`the pages in ${name}`, { skip: missing(name) }, () => {
    let server, browser;
    const errors = [];
    before(async () => {
      server = await Server.start();
      browser = await launch(name);
    });
    after(async () => { await browser?.close(); await server?.stop(); });

    const open = (path) => browser.open(new URL(path, server.url).href, { errors });
    const picture = async (page, what) => {
      if (process.env.SCREENSHOTS) await page.screenshot(`${process.env.SCREENSHOTS}/${what}-${name}.png`);
    };
    // Until who has just closed a window of this name is off the list.
    const free = (who) => new Promise((resolve) => {
      const socket = new WebSocket(new URL('chat', server.url.replace('http', 'ws')));
      socket.on('open', () => socket.send('{"type":"username","name":"who is there"}'));
      socket.on('message', (data) => {
        const { type, users } = JSON.parse(data);
        if (type !== 'userlist' || !users.includes('who is there') || users.includes(who)) return;
        socket.close();
        resolve();
      });
    });
    const named = async (who) => {
      await free(who);
      const page = await open('/');
      // It comes with the name of the window before it, and is told another if that one is taken.
      await until(page, 'the first list', () => !document.getElementById('nobody').hidden || document.querySelector('#users button'));
      await type(page, 'name', who);
      await page.evaluate(() => document.getElementById('name-form').requestSubmit());
      return page;
    };
    const ring = (page, whom) => until(page, `${whom} in the list`, (who) => {
      const button = [...document.querySelectorAll('#users button')].find((one) => one.textContent === who && !one.disabled);
      button?.click();
      return Boolean(button);
    }, whom);
    const ringing = (page) => until(page, 'a ringing telephone', () => document.getElementById('ring').open);

    test('one window calls another: ring, pictures, chat, a file, hang-up', async () => {
      const [ann, bob] = [await named('Ann'), await named('Bob')];
      await ring(ann, 'Bob');
      await ringing(bob);
      await says(bob, 'ring-title', 'Ann is calling');
      await click(bob, 'accept');
      await Promise.all([moves(ann, 'remote'), moves(bob, 'remote')]);
      await until(ann, 'an open chat channel', () => document.getElementById('text').placeholder === 'Write to Bob');
      await type(ann, 'text', 'hello <b>Bob</b>');
      await ann.evaluate(() => document.getElementById('chat-form').requestSubmit());
      await says(bob, 'messages', 'hello <b>Bob</b>');
      await ann.evaluate(() => {
        const parcel = new DataTransfer();
        parcel.items.add(new File([new Uint8Array(300_000).map((_, i) => i * 7)], 'numbers.bin'));
        document.getElementById('file').files = parcel.files;
        document.getElementById('file').dispatchEvent(new Event('change'));
      });
      await says(bob, 'files', 'Received numbers.bin (300 kB).');
      await says(ann, 'files', 'Sent numbers.bin (300 kB).');
      assert.deepEqual(await bob.evaluate(async () => {
        const bytes = new Uint8Array(await (await fetch(document.querySelector('#files a').href)).arrayBuffer());
        return [bytes.length, bytes.every((byte, i) => byte === (i * 7) % 256)];
      }), [300_000, true]);
      await picture(bob, 'call-two');
      await click(bob, 'hang-up');
      await says(ann, 'call-state', 'Bob has hung up.');
      await Promise.all([ann.close(), bob.close()]);
    });

    test('a declined call leaves both ready for the next', async () => {
      const [ann, bob] = [await named('Ann'), await named('Bob')];
      await ring(ann, 'Bob');
      await ringing(bob);
      assert.equal(await bob.evaluate(() => document.getElementById('self').srcObject), null, 'a camera before the answer');
      await click(bob, 'decline');
      await says(ann, 'call-state', 'Bob has hung up.');
      await ring(bob, 'Ann');
      await ringing(ann);
      await click(ann, 'accept');
      await Promise.all([moves(ann, 'remote'), moves(bob, 'remote')]);
      await Promise.all([ann.close(), bob.close()]);
    });

    test('who has gone rings no more, and is not waited for', async () => {
      const [ann, bob] = [await named('Ann'), await named('Bob')];
      await ring(ann, 'Bob');
      await ringing(bob);
      await ann.close();
      await until(bob, 'silence', () => !document.getElementById('ring').open);
      const cid = await named('Cid');
      await ring(cid, 'Bob');
      await ringing(bob);
      await bob.close();
      await says(cid, 'call-state', 'Bob is gone.');
      await cid.close();
    });

    test("candidates that do not say whom they are from are the caller's", async () => {
      const [ann, bob] = [await named('Ann'), await named('Bob')];
      await ann.evaluate(() => {
        const { send } = WebSocket.prototype;
        WebSocket.prototype.send = function (text) {
          const { name, ...rest } = JSON.parse(text);
          send.call(this, rest.type === 'new-ice-candidate' ? JSON.stringify(rest) : text);
        };
      });
      await bob.evaluate(() => {
        globalThis.taken = 0;
        const { addIceCandidate } = RTCPeerConnection.prototype;
        RTCPeerConnection.prototype.addIceCandidate = function (one) { globalThis.taken += 1; return addIceCandidate.call(this, one); };
      });
      await ring(ann, 'Bob');
      await ringing(bob);
      await click(bob, 'accept');
      await Promise.all([moves(ann, 'remote'), moves(bob, 'remote')]);
      assert.ok(await bob.evaluate(() => globalThis.taken) > 0);
      await Promise.all([ann.close(), bob.close()]);
    });

    test('who refuses the camera ends the call quietly on both sides', async () => {
      const [ann, bob] = [await named('Ann'), await named('Bob')];
      await bob.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
      });
      await ring(ann, 'Bob');
      await ringing(bob);
      await click(bob, 'accept');
      await says(bob, 'call-state', 'No call.');
      await says(ann, 'call-state', 'Bob has hung up.');
      await Promise.all([ann.close(), bob.close()]);
    });

    test('two meet in a room, and the third is told that it is full', async () => {
      const pages = [];
      for (const who of ['Ann', 'Bob', 'Cid']) {
        const page = await open('/room/blue');
        await says(page, 'server-state', 'Connected');
        await type(page, 'name', who);
        await click(page, 'join');
        if (who !== 'Cid') await says(page, 'room-state', 'In blue');
        pages.push(page);
      }
      const [ann, bob, cid] = pages;
      await says(ann, 'room-state', 'In blue with Bob.');
      await says(bob, 'room-state', 'In blue with Ann.');
      for (const page of [ann, bob]) {
        await until(page, 'the moving picture of the other', () => {
          const video = document.querySelector('#tiles figure:not(#self-tile) video');
          return video?.videoWidth > 0 && video.currentTime > 0.2;
        });
      }
      await says(cid, 'room-state', 'The room is full: it holds 2.');
      await picture(ann, 'room');
      await bob.close();
      await says(ann, 'room-state', 'In blue, alone.');
      await Promise.all([ann.close(), cid.close()]);
    });

    for (const form of ['as JSON', 'as one short line']) {
      test(`a call by copy and paste, ${form}`, async () => {
        const [ann, bob] = [await open('/bundle'), await open('/bundle')];
        const carry = async (from, to, words) => {
          await says(from, 'state', words);
          const text = await from.evaluate(async (short) => {
            const { value } = document.getElementById('mine');
            return short ? (await import('/short_line.js')).toShortLine(JSON.parse(value)) : value;
          }, form !== 'as JSON');
          assert.match(text, form === 'as JSON' ? /^\{"sdp":/ : /^lucid:[\w-]+$/);
          await type(to, 'theirs', text);
          await click(to, 'take');
        };
        await click(ann, 'start');
        await carry(ann, bob, 'Give your text');
        await carry(bob, ann, 'Give your answer back');
        await Promise.all([moves(ann, 'remote'), moves(bob, 'remote')]);
        await type(bob, 'text', 'by hand');
        await until(bob, 'an open chat channel', () => !document.getElementById('text').disabled);
        await bob.evaluate(() => document.getElementById('chat-form').requestSubmit());
        await says(ann, 'messages', 'by hand');
        await picture(ann, 'bundle');
        await Promise.all([ann.close(), bob.close()]);
      });
    }

    test('a bundle is shown as a QR code, and hidden again', async () => {
      const page = await open('/bundle');
      await click(page, 'start');
      await says(page, 'state', 'Give your text');
      await click(page, 'show-code');
      await until(page, 'a QR code', () => !document.getElementById('code').hidden && document.getElementById('code').naturalWidth > 0);
      await picture(page, 'bundle-code');
      await click(page, 'show-code');
      await until(page, 'no QR code', () => document.getElementById('code').hidden);
      await page.close();
    });

    test('a spoilt text is refused in words', async () => {
      const page = await open('/bundle');
      for (const text of ['', '{"sdp":', 'lucid:%%%', '{"type":"offer"}']) {
        await type(page, 'theirs', text);
        await click(page, 'take');
        await says(page, 'state', 'Copy it whole');
      }
      await page.close();
    });

    test('pc1 calls pc2 in one page', async () => {
      const page = await open('/loop');
      await click(page, 'call');
      await says(page, 'state', 'Connected after');
      await moves(page, 'video2');
      await until(page, 'numbers', () => /kbit/.test(document.querySelector('#panel2 td').textContent));
      await picture(page, 'loop');
      await click(page, 'hang-up');
      await says(page, 'state', 'Hung up.');
      await page.close();
    });

    test('in glare the polite one yields, and both come to rest connected', async () => {
      const page = await open('/lab');
      await type(page, 'delay', '50');
      for (let round = 1; round <= 3; ++round) {
        await click(page, 'glare');
        await until(page, `rest after round ${round}`, (n) => {
          const words = document.getElementById('glare-state').textContent;
          return words.startsWith('Both are stable again') && words.includes(` ${n} round`);
        }, round);
      }
      await says(page, 'left', 'I am polite');
      await says(page, 'right', 'I am impolite');
      await says(page, 'left-state', 'connected');
      await page.evaluate(() => document.getElementById('trickle-form').requestSubmit());
      await says(page, 'trickle-state', 'Complete after');
      assert.ok(await page.evaluate(() => document.querySelectorAll('#candidates tr').length) > 0);
      await says(page, 'decoded', 'where the NAT lets us out');
      await type(page, 'candidate', 'nonsense');
      await page.evaluate(() => document.getElementById('candidate').dispatchEvent(new Event('input')));
      await says(page, 'decoded', 'This is no candidate line');
      await picture(page, 'lab');
      await page.close();
    });

    test('no script failed', () => assert.deepEqual(errors, []));
  });
}
