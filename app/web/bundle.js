// A call without a server: descriptions and candidates as one JSON text, carried by hand.
import { $, addLine, element, show } from './dom.js';
import { configuration } from './ice.js';
import { inWords, openDevices, stopAll } from './media.js';
import { Panel } from './panel.js';
import { fromShortLine, toShortLine } from './short_line.js';

const panel = new Panel($('panel'));
let now = null;   // { pc, stream, candidates }

async function begin() {
  if (now) end();
  let stream = new MediaStream();
  if ($('with-media').checked) {
    try {
      stream = await openDevices();
    } catch (error) {
      show('state', inWords(error));
      return null;
    }
  }
  const pc = new RTCPeerConnection(configuration);
  now = { pc, stream, candidates: [] };
  $('over').disabled = false;
  $('self').srcObject = stream;
  $('self').toggleAttribute('data-live', stream.getVideoTracks().length > 0);
  pc.ontrack = ({ streams: [theirs], track }) => { $('remote').srcObject = theirs ?? new MediaStream([track]); };
  pc.ondatachannel = ({ channel }) => talkOver(channel);
  pc.onicecandidate = ({ candidate }) => { if (candidate?.candidate) now.candidates.push(candidate.toJSON()); };
  pc.addEventListener('connectionstatechange', () => {
    const words = { connected: 'Connected.', disconnected: 'The connection is weak. Waiting …', failed: 'The two found no way to each other. Start again.' };
    if (words[pc.connectionState]) show('state', words[pc.connectionState]);
  });
  panel.watch(pc);
  return now;
}

const gathered = (pc) => new Promise((resolve) => {
  const look = () => { if (pc.iceGatheringState === 'complete') resolve(); };
  pc.addEventListener('icegatheringstatechange', look);
  look();
});

async function giveAway() {
  const { pc, candidates } = now;
  show('state', 'Looking for ways out …');
  await gathered(pc);
  const { type, sdp } = pc.localDescription;
  $('mine').value = JSON.stringify({ sdp: { type, sdp }, candidates });
  for (const id of ['copy', 'copy-short', 'show-code']) $(id).disabled = false;
  hideCode();
}

function talkOver(channel) {
  channel.onopen = () => { $('text').disabled = $('send').disabled = false; };
  channel.onclose = () => { $('text').disabled = $('send').disabled = true; };
  channel.onmessage = ({ data }) => addLine($('messages'), element('b', {}, 'They'), ' ', String(data));
  $('chat-form').onsubmit = (event) => {
    event.preventDefault();
    if (!$('text').value || channel.readyState !== 'open') return;
    channel.send($('text').value);
    addLine($('messages'), element('b', {}, 'You'), ' ', $('text').value);
    $('text').value = '';
  };
}

async function start() {
  const one = await begin();
  if (!one) return;
  const { pc, stream } = one;
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  talkOver(pc.createDataChannel('chat'));
  await pc.setLocalDescription();
  await giveAway();
  show('state', 'Give your text to the other side, and paste its answer below.');
}

async function read(text) {
  const bundle = text.startsWith('{') ? JSON.parse(text) : await fromShortLine(text);
  if (!bundle?.sdp?.type || !Array.isArray(bundle.candidates ?? [])) throw new Error('there is no sdp in it');
  return bundle;
}

async function take() {
  let bundle;
  try {
    bundle = await read($('theirs').value.trim());
  } catch (error) {
    show('state', `This text is not an offer or an answer: ${error.message}. Copy it whole, from the first character to the last.`);
    return;
  }
  const { sdp, candidates = [] } = bundle;
  try {
    if (sdp.type === 'offer') {
      const one = await begin();
      if (!one) return;
      await one.pc.setRemoteDescription(sdp);
      for (const candidate of candidates) await one.pc.addIceCandidate(candidate);
      for (const track of one.stream.getTracks()) one.pc.addTrack(track, one.stream);
      await one.pc.setLocalDescription();
      await giveAway();
      show('state', 'Give your answer back to the other side.');
    } else if (now?.pc.signalingState === 'have-local-offer') {
      await now.pc.setRemoteDescription(sdp);
      for (const candidate of candidates) await now.pc.addIceCandidate(candidate);
    } else {
      show('state', 'This is an answer, but no offer of yours waits for one. Make an offer first.');
    }
  } catch (error) {
    show('state', `The browser refuses it: ${error.message}`);
  }
}

function end() {
  panel.stop();
  now.pc.close();
  stopAll(now.stream);
  now = null;
  $('remote').srcObject = $('self').srcObject = null;
  $('self').removeAttribute('data-live');
  $('mine').value = $('theirs').value = '';
  for (const id of ['copy', 'copy-short', 'show-code', 'over', 'text', 'send']) $(id).disabled = true;
  hideCode();
  show('state', 'Ended. Make an offer, or paste somebody else’s below.');
}

async function copy(text, words) {
  try {
    await navigator.clipboard.writeText(text);
    show('state', words);
  } catch {
    $('mine').value = text;
    $('mine').select();
    show('state', 'The browser keeps the clipboard closed: the text is marked above, copy it yourself.');
  }
}
function hideCode() {
  $('code').hidden = true;
  $('show-code').ariaExpanded = 'false';
}

$('start').onclick = start;
$('take').onclick = take;
$('over').onclick = end;
$('copy').onclick = () => copy($('mine').value, 'Copied.');
$('copy-short').onclick = async () => copy(await toShortLine(JSON.parse($('mine').value)), 'Copied as one short line.');
$('show-code').onclick = async () => {
  if (!$('code').hidden) return hideCode();
  const answer = await fetch('/qr', { method: 'POST', body: await toShortLine(JSON.parse($('mine').value)) });
  if (!answer.ok) return show('state', await answer.text());
  $('code').src = `data:image/svg+xml,${encodeURIComponent(await answer.text())}`;
  $('code').hidden = false;
  $('show-code').ariaExpanded = 'true';
};
