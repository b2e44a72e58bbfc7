// The call page against `lucid serve --robot`: ring the robot, see its picture move, chat, hang up, and call again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from './lib/browsers.mjs';
import { Server } from './lib/server.mjs';
import { until as untilIn } from './lib/wait.mjs';

for (const name of ['chromium', 'firefox']) {
  describe(`the call page in ${name}`, { skip: missing(name) }, () => {
    let server, browser, page;
    const errors = [];
    before(async () => {
      server = await Server.start(['--robot']);
      browser = await launch(name);
      page = await browser.open(server.url, { errors });
    });
    after(async () => { await browser?.close(); await server?.stop(); });

    const until = (what, fn, ...args) => untilIn(page, what, fn, ...args);

    const ring = async () => {
      await until('the robot in the list', () => [...document.querySelectorAll('#users button')].some((b) => b.textContent === 'lucid' && !b.disabled));
      const began = Date.now();
      await page.evaluate(() => [...document.querySelectorAll('#users button')].find((b) => b.textContent === 'lucid').click());
      await until('a moving picture', () => {
        const video = document.getElementById('remote');
        return video.videoWidth > 0 && !video.paused && video.currentTime > 0.2;
      });
      return Date.now() - began;
    };
    const hangUp = async () => {
      await page.evaluate(() => document.getElementById('hang-up').click());
      await until('the end of the call', () => document.getElementById('call-state').textContent === 'You have hung up.');
    };

    test('the robot answers with a moving picture and sound', async () => {
      const took = await ring();
      assert.ok(took < 5000, `${took} ms`);
      await until('the words for it', () => document.getElementById('call-state').textContent === 'In a call with lucid.');
      const tracks = await page.evaluate(() => document.getElementById('remote').srcObject.getTracks().map((t) => t.kind).sort());
      assert.deepEqual(tracks, ['audio', 'video']);
      if (process.env.SCREENSHOTS) await page.screenshot(`${process.env.SCREENSHOTS}/call-${name}.png`);
      await hangUp();
    });

    test('it answers again after a hang-up', async () => {
      for (let i = 0; i < 3; ++i) {
        await ring();
        await hangUp();
      }
    });

    test('it echoes chat, and shows markup as text', async () => {
      await page.evaluate(() => {
        document.getElementById('text').value = 'hello <img src=x onerror=alert(1)>there';
        document.getElementById('chat-form').requestSubmit();
      });
      await until('the echo', () => document.getElementById('messages').textContent.includes('You said: hello there'));
      assert.equal(await page.evaluate(() => document.querySelectorAll('#messages img').length), 0);
    });

    const write = (text) => page.evaluate((words) => {
      document.getElementById('text').value = words;
      document.getElementById('chat-form').requestSubmit();
    }, text);

    test('in a call it echoes chat, takes a file, and its statistics stand beside ours', async () => {
      await ring();
      await until('an open chat channel', () => document.getElementById('text').placeholder === 'Write to lucid');
      await write('over the channel');
      await until('the echo', () => [...document.querySelectorAll('#messages li')].some((line) => line.textContent === 'lucid over the channel'));
      await page.evaluate(() => {
        const parcel = new DataTransfer();
        parcel.items.add(new File([new Uint8Array(200_000)], 'zeroes.bin'));
        document.getElementById('file').files = parcel.files;
        document.getElementById('file').dispatchEvent(new Event('change'));
      });
      await until('the file to be taken', () => document.getElementById('files').textContent.includes('Sent zeroes.bin'));
      await until('its numbers', () => {
        const [their] = [...document.querySelectorAll('.numbers tbody tr')].map((row) => row.cells[2]);
        return !their.hidden && /bit/.test(their.textContent);
      });
    });

    test('asked to echo, it sends the own picture back, until it is told to stop', async () => {
      // The robot's picture has grey bars at the top left; the fake camera has none.
      const grey = () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
        const draw = canvas.getContext('2d');
        draw.drawImage(document.getElementById('remote'), 0, 0, 64, 48);
        const [red, green, blue] = draw.getImageData(4, 16, 1, 1).data;
        return Math.abs(red - green) < 30 && Math.abs(green - blue) < 30 && red > 100;
      };
      await until('the robot', grey);
      await write('echo');
      await until('the own picture', `() => !(${grey})()`);
      await write('stop');
      await until('the robot again', grey);
      await hangUp();
    });

    test('no script failed', () => assert.deepEqual(errors, []));
  });
}
