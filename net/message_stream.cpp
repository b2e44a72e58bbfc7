#include "net/detail/message_stream.hpp"

#include "net/detail/sockaddr.hpp"

namespace lucid::net::detail {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration patience = 10s;
constexpr std::size_t max_waiting = 1 << 20;
constexpr int reads_at_once = 16;  // then other sockets have their turn

}  // namespace

MessageStream::MessageStream(Loop& loop, Owner& owner, int fd, Connection connection,
                             core::Framing framing, Side side)
    : loop_{loop},
      owner_{owner},
      connection_{std::move(connection)},
      framing_{framing},
      state_{side == Side::active ? State::connecting : State::open},
      path_{connection_.secure() ? core::Transport::tls : core::Transport::tcp, local_address(fd),
            remote_address(fd)},
      reader_{framing, loop.pool()},
      patience_{loop, [this] { close(core::PathError::timed_out); }},
      watch_{loop, fd, *this} {
  patience_.set(loop.now() + patience);
  want(side == Side::active ? Io::want_write : Io::want_read);
}

MessageStream::~MessageStream() {
  if (state_ == State::open) connection_.shut_down();
}

void MessageStream::want(Io io) {
  if (io == Io::want_read) watch_.want_read();
  if (io == Io::want_write) watch_.want_write();
}

void MessageStream::close(core::PathError error) { owner_.stream_closed(*this, error); }

void MessageStream::advance() {
  if (state_ == State::connecting) {
    if (const int error = connect_outcome(watch_.fd())) return close(path_error_of(error));
    path_.local = local_address(watch_.fd());
    path_.remote = remote_address(watch_.fd());
    state_ = State::handshaking;
  }
  if (state_ == State::handshaking) return handshake();
  flush();
  read();
}

void MessageStream::handshake() {
  const Io io = connection_.handshake();
  if (io == Io::closed) return close(core::PathError::closed);
  if (io == Io::failed) return close(connection_.error());
  if (io != Io::done) return want(io);
  state_ = State::open;
  patience_.set(std::nullopt);
  watch_.want_read();
  // What TLS has read beyond the handshake makes no descriptor readable.
  if (connection_.secure()) watch_.want_write();
  owner_.stream_opened(*this);
}

void MessageStream::read() {
  std::vector<core::Datagram> batch;
  IoResult result;
  for (int i = 0; i < reads_at_once && result.state == Io::done; ++i) {
    result = connection_.read(reader_.room());
    reader_.filled(result.size);
    while (auto message = reader_.next()) {
      batch.push_back({path_, core::Ecn::not_ect, *std::move(message)});
    }
    if (reader_.broken()) break;
  }
  if (!batch.empty()) {
    // An end that was found as well is found again the next time.
    patience_.set(std::nullopt);
    watch_.want_read();
    if (result.state == Io::done) watch_.want_write();  // TLS may have more without the socket
    return owner_.stream_received(*this, batch);
  }
  if (reader_.broken()) return close(core::PathError::refused);
  if (result.state == Io::closed) return close(core::PathError::closed);
  if (result.state == Io::failed) return close(connection_.error());
  want(result.state == Io::done ? Io::want_write : result.state);
  watch_.want_read();
}

void MessageStream::send(std::span<core::Datagram> batch) {
  for (const core::Datagram& one : batch) {
    if (out_.size() + one.bytes.size() > max_waiting) break;
    append_framed(framing_, one.bytes, out_);
  }
  if (state_ == State::open) flush();
}

// A failure is not told here: the read that is under way finds it.
void MessageStream::flush() {
  std::size_t done = 0;
  while (done < out_.size()) {
    const IoResult result = connection_.write(core::Bytes{out_}.subspan(done));
    done += result.size;
    if (result.state == Io::done) continue;
    if (result.state == Io::want_write) watch_.want_write();
    if (result.state == Io::closed || result.state == Io::failed) done = out_.size();
    break;
  }
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(done));
}

}  // namespace lucid::net::detail
