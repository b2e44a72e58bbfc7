// Given out as /socket.io/socket.io.js for pages that were written for Socket.IO: io(), on, once, off, emit with
// acknowledgements, send, disconnect, connect, and connecting again by itself. Engine.IO 4 by WebSocket.
(() => {
  class Emitter {
    #handlers = new Map();

    on(event, handler) {
      if (!this.#handlers.has(event)) this.#handlers.set(event, []);
      this.#handlers.get(event).push(handler);
      return this;
    }

    once(event, handler) {
      const once = (...args) => {
        this.off(event, once);
        handler(...args);
      };
      once.original = handler;
      return this.on(event, once);
    }

    off(event, handler) {
      if (event === undefined) this.#handlers.clear();
      else if (handler === undefined) this.#handlers.delete(event);
      else {
        const left = this.listeners(event).filter((one) => one !== handler && one.original !== handler);
        this.#handlers.set(event, left);
      }
      return this;
    }

    listeners(event) { return [...this.#handlers.get(event) ?? []]; }
    hasListeners(event) { return this.listeners(event).length > 0; }
    tell(event, ...args) { for (const handler of this.listeners(event)) handler.apply(this, args); }
  }
  Emitter.prototype.addEventListener = Emitter.prototype.on;
  Emitter.prototype.addListener = Emitter.prototype.on;
  Emitter.prototype.removeListener = Emitter.prototype.off;
  Emitter.prototype.removeAllListeners = Emitter.prototype.off;

  // What the server must have shown of itself: a ping in every interval.
  const firstWait = 1000;
  const longestWait = 5000;

  class Socket extends Emitter {
    #url;
    #options;
    #webSocket = null;
    #waiting = [];        // packets until it is connected
    #acks = new Map();
    #nextAck = 0;
    #attempts = 0;
    #timers = new Set();
    #silence = 0;
    #wanted = false;      // whether to connect again

    constructor(url, options) {
      super();
      this.#url = url;
      this.#options = options;
      this.id = undefined;
      this.connected = false;
      this.io = new Emitter();
      this.io.opts = options;
      if (options.autoConnect !== false) this.connect();
    }

    get disconnected() { return !this.connected; }
    get active() { return this.#wanted; }

    connect() {
      this.#wanted = true;
      if (!this.#webSocket) this.#open();
      return this;
    }

    disconnect() {
      this.#wanted = false;
      for (const timer of this.#timers) clearTimeout(timer);
      const webSocket = this.#webSocket;
      if (this.connected) webSocket.send('41');
      this.#lost('io client disconnect');
      webSocket?.close();
      return this;
    }

    emit(event, ...args) {
      const ack = typeof args.at(-1) === 'function' ? args.pop() : null;
      let id = '';
      if (ack) {
        id = this.#nextAck++;
        this.#acks.set(id, ack);
      }
      const packet = `42${id}${JSON.stringify([event, ...args])}`;
      if (this.connected) this.#webSocket.send(packet);
      else this.#waiting.push(packet);
      return this;
    }

    emitWithAck(event, ...args) { return new Promise((resolve) => { this.emit(event, ...args, resolve); }); }
    send(...args) { return this.emit('message', ...args); }
    compress() { return this; }

    get volatile() { return this; }

    #open() {
      const url = new URL(this.#options.path ?? '/socket.io/', this.#url);
      url.protocol = url.protocol.replace('http', 'ws');
      const query = { ...Object.fromEntries(this.#url.searchParams), ...this.#options.query, EIO: 4, transport: 'websocket' };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      const webSocket = new WebSocket(url);
      this.#webSocket = webSocket;
      webSocket.onmessage = ({ data }) => { if (this.#webSocket === webSocket) this.#packet(data); };
      webSocket.onclose = () => { if (this.#webSocket === webSocket) this.#lost('transport close'); };
    }

    #packet(data) {
      const [type, rest] = [data[0], data.slice(1)];
      if (type === '0') {
        const { pingInterval, pingTimeout } = JSON.parse(rest);
        this.#silence = pingInterval + pingTimeout;
        this.#webSocket.send(this.#options.auth ? `40${JSON.stringify(this.#options.auth)}` : '40');
      } else if (type === '1') {
        this.#webSocket.close();
      } else if (type === '2') {
        this.#webSocket.send('3');
      } else if (type === '4') {
        this.#message(rest);
      }
      this.#watch();
    }

    #message(packet) {
      const [, type, id, text] = packet.match(/^(\d)(\d*)(.*)$/s);
      const body = text ? JSON.parse(text) : undefined;
      if (type === '0') this.#welcome(body);
      else if (type === '1') this.#closeWith('io server disconnect');
      else if (type === '3') this.#acknowledged(Number(id), body);
      else if (type === '4') this.tell('connect_error', new Error(body?.message ?? body));
      else if (type === '2') {
        if (id !== '') body.push((...args) => this.#webSocket?.send(`43${id}${JSON.stringify(args)}`));
        this.tell(...body);
      }
    }

    #welcome({ sid }) {
      this.id = sid;
      this.connected = true;
      const again = this.#attempts;
      this.#attempts = 0;
      for (const packet of this.#waiting.splice(0)) this.#webSocket.send(packet);
      this.tell('connect');
      if (again === 0) return;
      this.tell('reconnect', again);  // where clients of version 2 listen, and those of later ones
      this.io.tell('reconnect', again);
    }

    #acknowledged(id, args) {
      const ack = this.#acks.get(id);
      this.#acks.delete(id);
      ack?.(...args);
    }

    #closeWith(reason) {
      this.#wanted = false;
      const webSocket = this.#webSocket;
      this.#lost(reason);
      webSocket.close();
    }

    // Without a sign of life for as long as the server allows, the connection is dead.
    #watch() {
      this.#stop(this.silent);
      this.silent = this.#later(() => {
        const webSocket = this.#webSocket;
        this.#lost('ping timeout');
        webSocket?.close();
      }, this.#silence);
    }

    #lost(reason) {
      this.#webSocket = null;
      this.#stop(this.silent);
      const was = this.connected;
      this.connected = false;
      this.id = undefined;
      this.#acks.clear();
      if (was) this.tell('disconnect', reason);
      else if (this.#wanted) this.tell('connect_error', new Error('websocket error'));
      if (!this.#wanted || this.#options.reconnection === false) return;
      const wait = Math.min(firstWait * 2 ** this.#attempts, longestWait) * (0.5 + Math.random() / 2);
      this.#attempts += 1;
      this.#later(() => {
        if (!this.#wanted || this.#webSocket) return;
        this.io.tell('reconnect_attempt', this.#attempts);
        this.#open();
      }, wait);
    }

    #later(task, milliseconds) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        task();
      }, milliseconds);
      this.#timers.add(timer);
      return timer;
    }

    #stop(timer) {
      clearTimeout(timer);
      this.#timers.delete(timer);
    }
  }
  Socket.prototype.open = Socket.prototype.connect;
  Socket.prototype.close = Socket.prototype.disconnect;

  // io(), io(url), io(options), io(url, options)
  const io = (url, options) => {
    if (typeof url === 'object' && !(url instanceof URL)) [url, options] = [undefined, url];
    return new Socket(new URL(url ?? '/', location.href), options ?? {});
  };
  io.connect = io;
  io.io = io;
  io.protocol = 5;
  globalThis.io = io;
})();
