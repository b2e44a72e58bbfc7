// Property: a stream gives the same messages wherever it is cut, and what came out can be framed
// again. The first byte chooses the framing, the second the size of the pieces.
#include <vector>

#include "core/check.hpp"
#include "fuzz/net_pieces.hpp"
#include "net/framing.hpp"

using namespace lucid;

namespace {

std::vector<std::vector<std::uint8_t>> split(core::Framing framing, core::Bytes stream,
                                             std::size_t piece) {
  core::Pool pool;
  net::MessageReader reader{framing, pool};
  std::vector<std::vector<std::uint8_t>> messages;
  for_pieces(stream, piece, [&](core::Bytes bytes) {
    reader.feed(bytes);
    while (const auto one = reader.next()) {
      messages.emplace_back(one->bytes().begin(), one->bytes().end());
    }
    return !reader.broken();
  });
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto framing = (data[0] & 1) != 0 ? core::Framing::stun : core::Framing::rfc4571;
  const core::Bytes stream{data + 2, size - 2};
  const auto messages = split(framing, stream, stream.size());
  core::check(messages == split(framing, stream, 1U + data[1]));
  std::vector<std::uint8_t> again;
  for (const auto& one : messages) core::check(net::append_framed(framing, one, again));
  core::check(messages == split(framing, again, 1U + data[1]));
  return 0;
}
