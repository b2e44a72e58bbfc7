// Property: a multicast DNS message that parses serializes to one that parses to the same, and no
// input crashes the speaker.
#include "core/check.hpp"
#include "net/mdns.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::Bytes input{data, size};
  if (const auto message = net::MdnsMessage::parse(input)) {
    const auto bytes = message->serialize();
    if (bytes.size() < 8000) {
      const auto again = net::MdnsMessage::parse(bytes);
      core::check(again && again->questions == message->questions &&
                  again->answers == message->answers && again->additional == message->additional);
    }
  }
  core::SeededRandom random{1};
  core::Pool pool;
  net::Mdns mdns{{random, pool}};
  const core::Ip ip = core::Ip::v4(0xC0A80101);
  mdns.use_addresses({ip});
  mdns.resolve({}, "a.local", core::Time{});
  mdns.publish("b.local", ip, core::Time{});
  const core::Path path{core::Transport::udp, {ip, 5353}, {ip, 5353}};
  mdns.handle_datagram({path, core::Ecn::not_ect, pool.copy(input)}, core::Time{});
  while (mdns.poll_transmit()) {
  }
  while (mdns.poll_event()) {
  }
  return 0;
}
