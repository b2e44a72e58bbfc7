// Files over a data channel called "file", one channel each (app/README.md): JSON {name, size, type},
// then binary pieces; the receiver answers {received: size}.
import { element } from './dom.js';

const piece = 16 * 1024;
const most = 1024 * 1024 * 1024;
const size = (bytes) => (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`);

function line(list, words) {
  const bar = element('progress', { max: 1, value: 0, ariaLabel: 'Progress' });
  const text = element('span', {}, words);
  list.append(element('li', {}, text, bar));
  return { bar, text };
}

export async function sendFile(pc, file, list) {
  const channel = pc.createDataChannel('file');
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = 256 * 1024;
  const { bar, text } = line(list, `Sending ${file.name} (${size(file.size)})`);
  const done = new Promise((resolve) => {
    channel.onmessage = ({ data }) => {
      if (typeof data === 'string' && JSON.parse(data).received >= file.size) resolve(true);
    };
    channel.onclose = () => resolve(false);
  });
  const opened = new Promise((resolve) => { channel.onopen = resolve; });
  await Promise.race([opened, done]);
  if (channel.readyState === 'open') {
    channel.send(JSON.stringify({ name: file.name, size: file.size, type: file.type }));
    for (let at = 0; at < file.size && channel.readyState === 'open'; at += piece) {
      channel.send(await file.slice(at, at + piece).arrayBuffer());
      bar.value = Math.max(0, at + piece - channel.bufferedAmount) / file.size;
      if (channel.bufferedAmount > 1024 * 1024) {
        await Promise.race([new Promise((resolve) => { channel.onbufferedamountlow = resolve; }), done]);
      }
    }
  }
  const arrived = await done;
  bar.value = arrived ? 1 : bar.value;
  text.textContent = arrived ? `Sent ${file.name} (${size(file.size)}).` : `${file.name} did not arrive: the call ended first.`;
  channel.close();
}

export function receiveFile(channel, list) {
  channel.binaryType = 'arraybuffer';
  let head = null;
  let got = 0;
  let shown = null;
  const pieces = [];
  channel.onmessage = ({ data }) => {
    if (typeof data === 'string') {
      const said = JSON.parse(data);
      if (head || typeof said.name !== 'string' || !(said.size >= 0 && said.size <= most)) return channel.close();
      head = said;
      shown = line(list, `Receiving ${head.name} (${size(head.size)})`);
    } else if (head) {
      pieces.push(data);
      got += data.byteLength;
      shown.bar.value = head.size ? got / head.size : 1;
    }
    if (!head || got < head.size) return;
    channel.send(JSON.stringify({ received: got }));
    shown.bar.value = 1;
    // Saved, never shown: a page from a stranger must not run here.
    const url = URL.createObjectURL(new Blob(pieces, { type: 'application/octet-stream' }));
    shown.text.replaceChildren('Received ', element('a', { href: url, download: head.name.split(/[\\/]/).pop() }, head.name), ` (${size(head.size)}).`);
  };
  channel.onclose = () => {
    if (head && got < head.size) shown.text.textContent = `${head.name} came only in part: the call ended first.`;
  };
}
