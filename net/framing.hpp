#pragma once
#include <optional>
#include <vector>

#include "core/effects.hpp"

namespace lucid::net {

// Takes a byte stream apart into messages. Reads no socket: room() is where to read to, filled()
// says how much came, next() gives the messages.
//
// RFC 4571 2:                          RFC 8489 5, RFC 8656 12.4 (over a stream padded to four
// bytes):
//    0                   1              0                   1                   2 3 0 1 2 3 4 5 6 7
//    8 9 0 1 2 3 4 5    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+
//   +-------------------------------+-------------------------------+ |             LENGTH |  |0 0
//   STUN type or 0 1 channel no.|      length of what follows   |
//   +-------------------------------+
//   +-------------------------------+-------------------------------+
class MessageReader {
 public:
  MessageReader(core::Framing framing, core::Pool& pool);

  void feed(core::Bytes bytes);
  // The next whole message, without length prefix and padding.
  std::optional<core::Buffer> next();
  // The stream is none of this framing; nothing more will come of it.
  bool broken() const { return broken_; }

 private:
  struct Extent {
    std::size_t prefix = 0;
    std::size_t message = 0;
    std::size_t padding = 0;
  };
  std::optional<Extent> extent();

  core::Framing framing_;
  core::Pool& pool_;
  std::vector<std::uint8_t> bytes_;
  std::size_t begin_ = 0;
  bool broken_ = false;
};

// Appends the message as it goes onto a stream; false, and nothing appended, when it is too long or
// not what the framing carries.
bool append_framed(core::Framing framing, core::Bytes message, std::vector<std::uint8_t>& out);

}  // namespace lucid::net
