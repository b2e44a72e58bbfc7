// Any packets, with a right checksum and verification tag, leave an association standing or failed,
// and its timers come to rest. First byte: before or after the handshake; then length, packet, ...
#include "sctp/crc32c.hpp"
#include "sctp/data_channels.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{std::chrono::hours{1}};
  sctp::DataChannels left{{}, {random, pool}};
  sctp::DataChannels right{{}, {random, pool}};
  core::ByteReader in{{data, size}};
  static_cast<void>(left.open({.label = "a", .negotiated = 0}, now));
  static_cast<void>(left.connect(now));
  if (in.u8() % 2 == 1) static_cast<void>(right.connect(now));
  std::uint32_t tag = 0;  // what the other end must write
  for (int i = 0; i < 4; ++i) {
    while (auto packet = right.poll_transmit()) {
      tag = core::ByteReader{packet->bytes().subspan(4)}.u32();
      left.handle_datagram(*packet, now);
    }
    while (auto packet = left.poll_transmit()) right.handle_datagram(*packet, now);
  }
  while (in.remaining() > 2) {
    std::vector<std::uint8_t> packet{0x13, 0x88, 0x13, 0x88, 0, 0, 0, 0, 0, 0, 0, 0};
    for (std::size_t i = 0; i < 4; ++i)
      packet[4 + i] = static_cast<std::uint8_t>(tag >> (24 - 8 * i));
    const core::Bytes chunks = in.bytes(std::min<std::size_t>(in.u16() % 2048, in.remaining()));
    packet.insert(packet.end(), chunks.begin(), chunks.end());
    sctp::write_checksum(packet);
    left.handle_datagram(packet, now += std::chrono::milliseconds{50});
    if (left.next_timeout() <= now) left.handle_timeout(now);
    while (left.poll_transmit() || left.poll_event()) {
    }
  }
  return 0;
}
