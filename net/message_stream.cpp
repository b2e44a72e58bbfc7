#include "net/detail/message_stream.hpp"

namespace lucid::net::detail {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration patience = 10s;
constexpr std::size_t max_waiting = 1 << 20;

}  // namespace

MessageStream::MessageStream(Loop& loop, Owner& owner, int fd, Connection connection,
                             core::Framing framing, Side side)
    : owner_{owner},
      framing_{framing},
      reader_{framing, loop.pool()},
      patience_{loop, [this] { channel_ended(core::PathError::timed_out); }},
      channel_{loop, *this, fd, std::move(connection), side} {
  patience_.set(loop.now() + patience);
}

void MessageStream::channel_opened() {
  patience_.set(std::nullopt);
  owner_.stream_opened(*this);
}

void MessageStream::channel_received(core::Bytes bytes) {
  std::vector<core::Datagram> batch;
  reader_.feed(bytes);
  while (auto message = reader_.next()) {
    batch.push_back({path(), core::Ecn::not_ect, *std::move(message)});
  }
  if (reader_.broken()) return channel_ended(core::PathError::refused);
  if (batch.empty()) return;
  patience_.set(std::nullopt);
  owner_.stream_received(*this, batch);
}

void MessageStream::channel_ended(core::PathError error) { owner_.stream_closed(*this, error); }

void MessageStream::send(std::span<core::Datagram> batch) {
  frames_.clear();
  for (const core::Datagram& one : batch) {
    if (channel_.queued() + frames_.size() + one.bytes.size() > max_waiting) break;
    append_framed(framing_, one.bytes, frames_);
  }
  channel_.send(frames_);
}

}  // namespace lucid::net::detail
