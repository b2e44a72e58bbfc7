// Property: a WebSocket stream gives the same items wherever it is cut, and each item can be
// written and read again. The first byte chooses whose reader it is, the second the size of the
// pieces.
#include <algorithm>

#include "core/check.hpp"
#include "net/websocket_frames.hpp"

using namespace lucid;

namespace {

constexpr net::MaskingKey mask{0x12, 0x34, 0x56, 0x78};

// The stream's items, framed anew.
std::vector<std::uint8_t> rewritten(net::WebSocketRole role, core::Bytes stream,
                                    std::size_t piece) {
  net::WebSocketReader reader{role, 4096};
  std::vector<std::uint8_t> out;
  for (; !stream.empty(); stream = stream.subspan(std::min(piece, stream.size()))) {
    reader.feed(stream.first(std::min(piece, stream.size())));
    while (const auto item = reader.next()) {
      const bool server = role == net::WebSocketRole::server;
      append_frame(*item, server ? std::optional{mask} : std::nullopt, out);
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto role = (data[0] & 1) != 0 ? net::WebSocketRole::server : net::WebSocketRole::client;
  const core::Bytes stream{data + 2, size - 2};
  const auto once = rewritten(role, stream, std::max<std::size_t>(1, stream.size()));
  core::check(once == rewritten(role, stream, 1U + data[1]));
  core::check(once == rewritten(role, once, 1U + data[1]));
  return 0;
}
