#pragma once
#include <span>
#include <vector>

#include "net/detail/byte_channel.hpp"
#include "net/framing.hpp"

namespace lucid::net::detail {

// One TCP or TLS connection that carries messages.
class MessageStream final : private ByteChannel::Owner {
 public:
  // Each of these may destroy the stream.
  struct Owner {
    virtual ~Owner() = default;
    virtual void stream_opened(MessageStream& stream) = 0;
    virtual void stream_received(MessageStream& stream, std::span<core::Datagram> batch) = 0;
    virtual void stream_closed(MessageStream& stream, core::PathError error) = 0;  // the last call
  };
  using Side = ByteChannel::Side;

  MessageStream(Loop& loop, Owner& owner, int fd, Connection connection, core::Framing framing,
                Side side);

  const core::Path& path() const { return channel_.path(); }
  // Writes what fits and keeps the rest; above a limit messages are dropped, as a network would.
  void send(std::span<core::Datagram> batch);

 private:
  void channel_opened() override;
  void channel_received(core::Bytes bytes) override;
  void channel_ended(core::PathError error) override;

  Owner& owner_;
  core::Framing framing_;
  MessageReader reader_;
  std::vector<std::uint8_t> frames_;
  Timer patience_;  // until a stream is open, or the first message has come over an accepted one
  ByteChannel channel_;
};

}  // namespace lucid::net::detail
