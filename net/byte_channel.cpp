#include "net/detail/byte_channel.hpp"

#include "net/detail/loop_state.hpp"
#include "net/detail/sockaddr.hpp"

namespace lucid::net::detail {

namespace {

constexpr std::size_t read_size = 65536;
constexpr std::size_t keep_capacity = 4096;  // a queue that was larger gives its memory back

}  // namespace

ByteChannel::ByteChannel(Loop& loop, Owner& owner, int fd, Connection connection, Side side)
    : loop_{loop},
      owner_{&owner},
      connection_{std::move(connection)},
      state_{side == Side::connecting ? State::connecting : State::handshaking},
      path_{connection_.secure() ? core::Transport::tls : core::Transport::tcp, local_address(fd),
            remote_address(fd)},
      watch_{loop, fd, *this} {
  if (side == Side::connecting) {
    watch_.want_write();
  } else {
    if (!connection_.secure()) state_ = State::open;
    watch_.want_read();
  }
}

ByteChannel::~ByteChannel() {
  if (state_ == State::open) connection_.shut_down();
}

void ByteChannel::writable() {
  if (state_ != State::open && state_ != State::finishing) return advance();
  const bool drained = flush();
  finish_if_drained();
  if (!drained) return advance();
  // What TLS has read beyond the last call makes no descriptor readable.
  if (connection_.secure()) watch_.want_write();
  owner_->channel_drained();
}

void ByteChannel::advance() {
  if (state_ == State::connecting) {
    if (const int error = connect_outcome(watch_.fd())) {
      return owner_->channel_ended(path_error_of(error));
    }
    path_.local = local_address(watch_.fd());
    path_.remote = remote_address(watch_.fd());
    state_ = State::handshaking;
  }
  if (state_ == State::handshaking) return handshake();
  read();
}

void ByteChannel::handshake() {
  const Io io = connection_.handshake();
  if (io == Io::closed) return owner_->channel_ended(core::PathError::closed);
  if (io == Io::failed) return owner_->channel_ended(connection_.error());
  if (io == Io::want_read) return watch_.want_read();
  if (io == Io::want_write) return watch_.want_write();
  state_ = State::open;
  flush();
  watch_.want_read();
  // What TLS has read beyond the handshake makes no descriptor readable.
  if (connection_.secure()) watch_.want_write();
  owner_->channel_opened();
}

void ByteChannel::read() {
  std::unique_ptr<std::uint8_t[]>& room = loop_.state().read_room;
  if (room == nullptr) room = std::make_unique_for_overwrite<std::uint8_t[]>(read_size);
  std::size_t size = 0;
  IoResult result;
  do {
    result = connection_.read({room.get() + size, read_size - size});
    size += result.size;
    // TLS may hold more although the socket has none; of TCP the reactor tells.
  } while (result.state == Io::done && connection_.secure() && size < read_size);
  watch_.want_read();
  if (result.state == Io::want_write || (result.state == Io::done && connection_.secure())) {
    watch_.want_write();
  }
  // An end that came after bytes is found again by the next read.
  if (size > 0) return owner_->channel_received({room.get(), size});
  if (result.state == Io::closed) return owner_->channel_ended(core::PathError::closed);
  if (result.state == Io::failed) return owner_->channel_ended(connection_.error());
}

void ByteChannel::send(core::Bytes bytes) {
  out_.insert(out_.end(), bytes.begin(), bytes.end());
  if (state_ == State::open) flush();
}

// A failure is not told here: the read that is always under way finds it.
bool ByteChannel::flush() {
  if (queued() == 0) return false;
  while (queued() > 0) {
    const IoResult result = connection_.write(core::Bytes{out_}.subspan(written_));
    written_ += result.size;
    if (result.state == Io::done) continue;
    if (result.state == Io::closed || result.state == Io::failed) written_ = out_.size();
    if (result.state == Io::want_write) watch_.want_write();
    if (queued() > 0) {
      // What is written is cut off once it is more than what is left, so that each byte moves
      // little.
      if (written_ > queued()) {
        out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(written_));
        written_ = 0;
      }
      return false;
    }
  }
  written_ = 0;
  out_.clear();
  if (out_.capacity() > keep_capacity) out_.shrink_to_fit();
  return true;
}

void ByteChannel::finish() {
  if (state_ != State::open) return;
  state_ = State::finishing;
  finish_if_drained();
}

void ByteChannel::finish_if_drained() {
  if (state_ == State::finishing && queued() == 0) connection_.shut_down();
}

}  // namespace lucid::net::detail
