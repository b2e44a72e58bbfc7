// Carries descriptions and candidates between a page's RTCPeerConnection and a native program, as a
// signaling server would: window.pc in the page, {type, sdp} and {candidate} lines on the other side.

// In the page: makes window.pc, with a box of what it wants to send. `automatic`: it negotiates by
// itself, by the W3C's perfect negotiation; otherwise the test calls offer().
export function preparePage(page, configuration = {}, { polite = false, trickle = true, automatic = false } = {}) {
  return page.evaluate((config, isPolite, trickles, byItself) => {
    window.pc?.close();
    window.outbox = [];
    window.states = [];
    window.failures = [];
    window.channels = {};
    window.pc = new RTCPeerConnection(config);
    const here = window.pc;
    window.wake = () => {};
    const post = (message) => { outbox.push(message); wake(); };
    // Gives up by itself: a take() that nobody waits for any more would swallow what it finds.
    window.take = async () => {
      if (outbox.length === 0) await new Promise((resolve) => { wake = resolve; setTimeout(resolve, 200); });
      return outbox.splice(0);
    };
    // Without trickle a description leaves when all candidates are in it.
    const describe = async () => {
      while (!trickles && here.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 5));
      post(here.localDescription.toJSON());
    };
    pc.onicecandidate = ({ candidate }) => { if (trickles) post({ candidate: candidate?.toJSON() ?? null }); };
    pc.onconnectionstatechange = () => states.push(here.connectionState);

    // W3C webrtc-pc 10.7
    let making = false, ignoring = false, answerPending = false;
    window.glares = 0;
    window.offer = async () => {
      making = true;
      try {
        await here.setLocalDescription();
        await describe();
      } finally { making = false; }
    };
    if (byItself) pc.onnegotiationneeded = () => offer().catch((error) => failures.push(String(error)));
    window.give = async (message) => {
      if (message.type) {
        const ready = !making && (here.signalingState === 'stable' || answerPending);
        const collision = message.type === 'offer' && !ready;
        if (collision) ++glares;
        ignoring = collision && !isPolite;
        if (ignoring) return;
        answerPending = message.type === 'answer';
        await here.setRemoteDescription(message);
        answerPending = false;
        if (message.type === 'offer') {
          await here.setLocalDescription();
          await describe();
        }
      } else {
        await here.addIceCandidate(message.candidate).catch((error) => { if (!ignoring) throw error; });
      }
    };

    // Channels by label, those made here and those of the peer.
    window.adopt = (channel) => {
      channel.binaryType = 'arraybuffer';
      channel.seen = [];
      channel.bytes = 0;
      channel.onmessage = ({ data }) => {
        channel.bytes += typeof data === 'string' ? data.length : data.byteLength;
        if (channel.waiting) { const resolve = channel.waiting; channel.waiting = null; resolve(data); }
      };
      for (const kind of ['open', 'closing', 'close', 'error', 'bufferedamountlow']) channel.addEventListener(kind, () => channel.seen.push(kind));
      if (channel.readyState === 'open') channel.seen.push('open');
      channels[channel.label] = channel;
      return channel;
    };
    pc.ondatachannel = ({ channel }) => adopt(channel);
    window.until = async (what, condition, milliseconds = 8000) => {
      for (const end = performance.now() + milliseconds; performance.now() < end;) {
        const value = await condition();
        if (value) return value;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`waited in vain for ${what}; connection states ${states}, signaling ${here.signalingState}`);
    };
    window.roundTrip = (channel, data) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no echo on ${channel.label} (${channel.readyState}) within 5 s`)), 5000);
      channel.waiting = (back) => { clearTimeout(timer); resolve(back); };
      channel.send(data);
    });
  }, configuration, polite, trickle, automatic);
}

// Moves messages both ways until `stop` is called on what it returns. `change` may rewrite a message
// on its way; what the page refused stands in `errors`.
export function connect(page, native, { change = (message) => message } = {}) {
  let running = true;
  const errors = [];
  const toNative = (async () => {
    while (running) {
      const messages = await page.evaluate(() => take()).catch(() => []);
      for (const message of messages) native.send(change(message));
    }
  })();
  let toPage = Promise.resolve();
  native.hand((line) => line.type || 'candidate' in line, (message) => {
    toPage = toPage.then(() => running && page.evaluate((m) => give(m), change(message))).catch((error) => {
      errors.push(String(error));
      native.log += `\npage: ${error}`;
    });
  });
  const stop = async () => {
    running = false;
    await page.evaluate(() => wake()).catch(() => {});
    await Promise.all([toNative, toPage]);
  };
  return { errors, stop };
}
