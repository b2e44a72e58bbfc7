#pragma once
#include <vector>

#include "net/detail/connection.hpp"
#include "net/detail/watch.hpp"

namespace lucid::net::detail {

// One TCP or TLS connection as a stream of bytes, with a queue of what is still to be written. It
// keeps no room for reading of its own: thousands of idle ones are cheap.
//
//   connecting --> handshaking --> open --finish()--> finishing --> (ended)
//        |              |            |                                  ^
//        +--------------+------------+----------------------------------+
class ByteChannel final : private Watch::Handler {
 public:
  // Each of these may destroy the channel, or hand it over to another owner.
  struct Owner {
    virtual ~Owner() = default;
    virtual void channel_opened() {}
    virtual void channel_received(core::Bytes bytes) = 0;
    virtual void channel_drained() {}  // nothing is waiting to be written any more
    virtual void channel_ended(core::PathError error) = 0;  // the last call
  };
  enum class Side : std::uint8_t { connecting, accepted };

  ByteChannel(Loop& loop, Owner& owner, int fd, Connection connection, Side side);
  ~ByteChannel() override;

  const core::Path& path() const { return path_; }
  std::size_t queued() const { return out_.size() - written_; }
  void hand_over(Owner& owner) { owner_ = &owner; }
  void send(core::Bytes bytes);
  // Writes out the queue, tells the other end that this was all, and waits for it to close as well.
  void finish();

 private:
  enum class State : std::uint8_t { connecting, handshaking, open, finishing };

  void readable() override { advance(); }
  void writable() override;
  void advance();
  void handshake();
  void read();
  bool flush();  // true when the queue has just become empty
  void finish_if_drained();

  Loop& loop_;
  Owner* owner_;
  Connection connection_;
  State state_;
  core::Path path_;
  std::vector<std::uint8_t> out_;
  std::size_t written_ = 0;
  Watch watch_;
};

}  // namespace lucid::net::detail
