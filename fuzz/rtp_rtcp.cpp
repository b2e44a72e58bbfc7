// Messages that parse are written, and parse to the same again; a session survives any datagram.
#include "core/check.hpp"
#include "rtp/rtcp/describe.hpp"
#include "rtp/rtcp/session.hpp"

namespace core = lucid::core;
namespace rtcp = lucid::rtp::rtcp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::SeededRandom random{1};
  core::Pool pool;
  rtcp::Session session{{.cname = "fuzz"}, {random, pool}};
  session.start(core::Time{});
  session.add_source(1, 90'000);
  session.packet_sent(1, 0, 100, core::Time{});
  session.add_remote(2, 90'000);
  session.handle_datagram(core::Bytes{data, size}, core::Time{core::Duration{1000}});
  while (session.poll_event()) continue;
  session.handle_timeout(core::Time{core::Duration{10'000'000}});
  while (const auto datagram = session.poll_transmit()) {
    core::check(rtcp::parse_compound(*datagram).has_value());
  }
  const auto messages = rtcp::parse_compound({data, size});
  if (!messages) return 0;
  for (const rtcp::Message& message : *messages) {
    rtcp::fields_of(message);
    std::vector<std::uint8_t> room(rtcp::size_of(message));
    core::ByteWriter out{room};
    // A body whose padding was not a whole number of words cannot be written without it.
    if (!rtcp::write(message, out)) continue;
    const auto again = rtcp::parse_compound(out.written());
    core::check(again && again->size() == 1 && again->front() == message);
  }
  return 0;
}
