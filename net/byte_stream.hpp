#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/bytes.hpp"
#include "net/loop.hpp"
#include "net/websocket.hpp"

namespace lucid::net {

// What happens to a stream, on the loop's thread. Each may destroy it.
struct ByteStreamHandlers {
  std::move_only_function<void()> opened;
  std::move_only_function<void(core::Bytes)> received;
  // The last call: it did not open, or it broke.
  std::move_only_function<void(ConnectError)> closed;
};

// A TCP connection to a host by name or address, for protocols of other servers. Destroying it
// closes the connection.
class ByteStream {
 public:
  ByteStream(Loop& loop, const std::string& host, std::uint16_t port, ByteStreamHandlers handlers);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  void send(core::Bytes bytes);
  std::size_t queued() const;  // bytes not written yet

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lucid::net
