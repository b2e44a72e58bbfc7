#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lucid::signaling {

// One packet of Engine.IO: its type and what it carries. The two revisions join packets into the
// body of a poll in ways of their own.
//
//   +------+---------...
//   | type | data            type: a digit; 0 open, 1 close, 2 ping, 3 pong, 4 message,
//   +------+---------...           5 upgrade, 6 noop
struct EnginePacket {
  char type = '4';
  std::string data{};
  bool binary = false;  // data are bytes, of a message

  friend bool operator==(const EnginePacket&, const EnginePacket&) = default;
};
// Revision 4: packets between record separators, bytes as 'b' and base64. Revision 3: each behind
// its length in UTF-16 units and a colon, or all as bytes when the body is said to be bytes.
std::string encode_payload(const std::vector<EnginePacket>& packets, int revision);
std::optional<std::vector<EnginePacket>> decode_payload(std::string_view body, int revision,
                                                        bool bytes);

}  // namespace lucid::signaling
