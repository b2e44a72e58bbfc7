// Captures offers and answers of werift and @roamhq/wrtc into ../werift and ../wrtc:
//   npm install werift @roamhq/wrtc && node node.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as werift from 'werift';
import wrtc from '@roamhq/wrtc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const save = (folder, name, text) => {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, name + '.sdp'), text);
};
const media = (pc, direction) => ['audio', 'video'].forEach((kind) => pc.addTransceiver(kind, { direction }));
const scenarios = {
  'data': (pc) => pc.createDataChannel('x'),
  'audio-video': (pc) => media(pc, 'sendrecv'),
  'receive-only': (pc) => { media(pc, 'recvonly'); pc.createDataChannel('x'); },
};
for (const [folder, PC] of [['werift', werift.RTCPeerConnection], ['wrtc', wrtc.RTCPeerConnection]]) {
  for (const [name, prepare] of Object.entries(scenarios)) {
    const a = new PC({ iceServers: [] }), b = new PC({ iceServers: [] });
    prepare(a);
    await a.setLocalDescription(await a.createOffer());
    save(folder, name + '.offer', a.localDescription.sdp);
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription(await b.createAnswer());
    save(folder, name + '.answer', b.localDescription.sdp);
    a.close();
    b.close();
  }
}
process.exit(0);
