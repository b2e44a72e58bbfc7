// pc1 and pc2 in one page: the whole of signaling is two function calls.
import { $, addLine, element, show } from './dom.js';
import { inWords, openDevices, stopAll, testStream } from './media.js';
import { Panel } from './panel.js';

const panels = ['pc1', 'pc2'].map((own, i) => new Panel($(`panel${i + 1}`), { own }));
let running = null;   // { pcs, stream }

function said(who, what, detail) {
  addLine($('said'), element('b', {}, who), ' ', what, detail ? element('span', { className: 'soft' }, ` ${detail}`) : '');
}

async function call() {
  $('call').disabled = true;
  $('said').replaceChildren();
  let stream;
  try {
    stream = $('camera').checked ? await openDevices() : testStream('pc1');
  } catch (error) {
    show('state', inWords(error));
    $('call').disabled = false;
    return;
  }
  const [pc1, pc2] = [new RTCPeerConnection(), new RTCPeerConnection()];
  running = { pcs: [pc1, pc2], stream };
  $('hang-up').disabled = false;
  $('video1').srcObject = stream;
  pc2.ontrack = ({ streams }) => { [$('video2').srcObject] = streams; };
  const began = performance.now();
  for (const [from, to, name] of [[pc1, pc2, 'pc1 → pc2'], [pc2, pc1, 'pc2 → pc1']]) {
    from.onicecandidate = ({ candidate }) => {
      said(name, candidate ? 'candidate' : 'no more candidates', candidate?.candidate);
      to.addIceCandidate(candidate);
    };
  }
  pc2.addEventListener('connectionstatechange', () => {
    if (pc2.connectionState === 'connected') show('state', `Connected after ${Math.round(performance.now() - began)} ms.`);
    if (pc2.connectionState === 'failed') show('state', 'The two found no way to each other.');
  });
  panels.forEach((panel, i) => panel.watch(running.pcs[i]));

  for (const track of stream.getTracks()) pc1.addTrack(track, stream);
  show('state', 'pc1 offers …');
  await pc1.setLocalDescription();
  said('pc1 → pc2', 'offer', `${pc1.localDescription.sdp.length} characters`);
  await pc2.setRemoteDescription(pc1.localDescription);
  await pc2.setLocalDescription();
  said('pc2 → pc1', 'answer', `${pc2.localDescription.sdp.length} characters`);
  await pc1.setRemoteDescription(pc2.localDescription);
}

function hangUp() {
  for (const panel of panels) panel.stop();
  for (const pc of running.pcs) pc.close();
  if (running.stream.end) running.stream.end(); else stopAll(running.stream);
  running = null;
  $('video1').srcObject = $('video2').srcObject = null;
  $('hang-up').disabled = true;
  $('call').disabled = false;
  show('state', 'Hung up.');
}

$('call').onclick = call;
$('hang-up').onclick = hangUp;
