// What a stranger writes who wants RTP alone.
#include <rtp/packet.hpp>

int main() {
  const auto bytes = lucid::core::from_hex("80600001000000010000000568656c6c6f");
  const auto packet = lucid::rtp::Packet::parse(*bytes);
  return packet && packet->ssrc() == 5 && packet->payload().size() == 5 ? 0 : 1;
}
