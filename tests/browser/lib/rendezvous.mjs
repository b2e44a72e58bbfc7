// Carries descriptions and candidates between a page's RTCPeerConnection and a native program, as a
// signaling server would: window.pc in the page, {type, sdp} and {candidate} lines on the other side.

// In the page: makes window.pc, with a box of what it wants to send.
export function preparePage(page, configuration = {}) {
  return page.evaluate((config) => {
    window.pc?.close();
    window.outbox = [];
    window.states = [];
    window.pc = new RTCPeerConnection(config);
    pc.onicecandidate = ({ candidate }) => outbox.push({ candidate: candidate?.toJSON() ?? null });
    pc.onconnectionstatechange = () => states.push(pc.connectionState);
    // Gives up by itself: a take() that nobody waits for any more would swallow what it finds.
    window.take = async () => {
      for (let i = 0; i < 40 && outbox.length === 0; ++i) await new Promise((resolve) => setTimeout(resolve, 5));
      return outbox.splice(0);
    };
    window.give = async (message) => {
      if (message.type) {
        await pc.setRemoteDescription(message);
        if (message.type === 'offer') {
          await pc.setLocalDescription();
          outbox.push(pc.localDescription.toJSON());
        }
      } else if (message.candidate) {
        await pc.addIceCandidate(message.candidate);
      }
    };
    window.offer = async () => {
      await pc.setLocalDescription();
      outbox.push(pc.localDescription.toJSON());
    };
  }, configuration);
}

// Moves messages both ways until `stop` is called on what it returns.
export function connect(page, native) {
  let running = true;
  const toNative = (async () => {
    while (running) {
      const messages = await page.evaluate(() => take()).catch(() => []);
      for (const message of messages) native.send(message);
    }
  })();
  const toPage = (async () => {
    while (running) {
      const message = await native.next((line) => line.type || 'candidate' in line, 'signaling', 500).catch(() => null);
      if (message) await page.evaluate((m) => give(m), message).catch((error) => { native.log += `\npage: ${error}`; });
    }
  })();
  return { stop: () => { running = false; return Promise.all([toNative, toPage]); } };
}
