// The first byte chooses the codec; packets of two sources follow, each behind its length.
// Forwarder and receiver survive them, and what is forwarded is one stream.
#include <set>

#include "core/check.hpp"
#include "rtp/receive/stream.hpp"
#include "rtp/send/forwarder.hpp"

namespace core = lucid::core;
namespace rtp = lucid::rtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::SeededRandom random{1};
  core::Pool pool;
  core::ByteReader in{{data, size}};
  const auto codec = static_cast<core::Codec>(in.u8() % 5);
  rtp::ExtensionMap map;
  map.add(1, rtp::ExtensionType::dependency_descriptor);
  rtp::Forwarder forwarder{{.codec = codec, .ssrc = 9, .extensions = map}, {random, pool}};
  rtp::ReceiveStream receiver{{.ssrc = 9, .formats = {{96, codec}}, .extensions = map},
                              {random, pool}};
  for (auto i : {0U, 1U}) forwarder.add_source(rtp::ForwardSource{i}, {{{96, 96}}, map});
  std::set<std::int64_t> numbers;
  core::Unwrapper<std::uint16_t> unwrap;
  for (core::Time now{}; in.ok() && in.remaining() > 1; now += core::Duration{9999}) {
    const std::uint8_t what = in.u8();
    core::Buffer packet = pool.copy(in.bytes(in.u8()));
    if ((what & 6) == 6) forwarder.select(rtp::ForwardSource{what & 1U}, now);
    if ((what & 24) == 24) forwarder.limit_layers({0, static_cast<std::uint8_t>(what >> 5)}, now);
    forwarder.handle_datagram({rtp::ForwardSource{what & 1U}, std::move(packet)}, now);
    while (auto out = forwarder.poll_transmit()) {
      const auto view = rtp::Packet::parse(*out).value_or(rtp::Packet{});
      core::check(view.ssrc() == 9 && numbers.insert(unwrap.unwrap(view.sequence())).second);
      receiver.handle_datagram(std::move(*out), now);
    }
    receiver.handle_timeout(now);
    while (receiver.poll_event() || receiver.poll_transmit()) continue;
  }
  return 0;
}
