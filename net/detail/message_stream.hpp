#pragma once
#include <span>
#include <vector>

#include "net/detail/connection.hpp"
#include "net/detail/watch.hpp"
#include "net/framing.hpp"

namespace lucid::net::detail {

// One TCP or TLS connection that carries messages.
//
//   connecting --> handshaking --> open --> (stream_closed)
//        |              |                         ^
//        +--------------+-------------------------+
class MessageStream final : private Watch::Handler {
 public:
  // Each of these may destroy the stream.
  struct Owner {
    virtual ~Owner() = default;
    virtual void stream_opened(MessageStream& stream) = 0;
    virtual void stream_received(MessageStream& stream, std::span<core::Datagram> batch) = 0;
    virtual void stream_closed(MessageStream& stream, core::PathError error) = 0;  // the last call
  };
  enum class Side : std::uint8_t { active, passive };

  MessageStream(Loop& loop, Owner& owner, int fd, Connection connection, core::Framing framing,
                Side side);
  ~MessageStream() override;

  const core::Path& path() const { return path_; }
  // Writes what fits and keeps the rest; above a limit messages are dropped, as a network would.
  void send(std::span<core::Datagram> batch);

 private:
  enum class State : std::uint8_t { connecting, handshaking, open };

  void readable() override { advance(); }
  void writable() override { advance(); }
  void advance();
  void handshake();
  void read();
  void flush();
  void want(Io io);
  void close(core::PathError error);

  Loop& loop_;
  Owner& owner_;
  Connection connection_;
  core::Framing framing_;
  State state_;
  core::Path path_;
  MessageReader reader_;
  std::vector<std::uint8_t> out_;
  Timer patience_;  // until a stream is open, or the first message has come over an accepted one
  Watch watch_;
};

}  // namespace lucid::net::detail
