// JSON over a WebSocket of the server that this page came from; opened again when it breaks.
export class Socket {
  #socket = null;
  #wait = 500;
  #on;

  // on: { open(), message(object), close() }
  constructor(path, on, protocols = []) {
    this.#on = on;
    this.url = new URL(path, location);
    this.url.protocol = this.url.protocol.replace('http', 'ws');
    const token = new URLSearchParams(location.search).get('token');
    if (token) this.url.searchParams.set('token', token);
    this.protocols = protocols;
    this.#connect();
  }

  say(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #connect() {
    const socket = new WebSocket(this.url, this.protocols);
    this.#socket = socket;
    socket.onopen = () => {
      this.#wait = 500;
      this.#on.open();
    };
    socket.onmessage = ({ data }) => this.#on.message(JSON.parse(data));
    socket.onclose = () => {
      this.#on.close();
      setTimeout(() => this.#connect(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, 10_000);
    };
  }
}
