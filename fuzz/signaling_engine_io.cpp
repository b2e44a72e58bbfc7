// Property: payloads of Engine.IO, packets of Socket.IO and SDP fragments come back from their text
// as they were.
#include "core/check.hpp"
#include "signaling/engine_io_payload.hpp"
#include "signaling/sdp_fragment.hpp"
#include "signaling/socket_io.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  // What is no UTF-8 has no length in UTF-16 units to agree on.
  const bool ascii = text.find_first_not_of(
                         "\x1e !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                         "abcdefghijklmnopqrstuvwxyz{|}~") == std::string::npos;
  for (const int revision : {3, 4}) {
    const auto packets = signaling::decode_payload(text, revision, false);
    if (!packets || !ascii) continue;
    for (const auto& packet : *packets) {
      // Bytes are messages in revision 4, and a separator within one would end it.
      if (packet.binary || packet.data.find('\x1e') != std::string::npos) return 0;
    }
    const std::string again = signaling::encode_payload(*packets, revision);
    core::check(packets->empty() || signaling::decode_payload(again, revision, false) == packets);
  }
  (void)signaling::decode_payload(text, 3, true);
  // Of binary packets we only read; and what is no JSON may look like a name space.
  const auto packet = signaling::SocketPacket::parse(text);
  if (packet && packet->type <= signaling::SocketPacket::Type::connect_error &&
      (packet->data.empty() || packet->data[0] == '[' || packet->data[0] == '{')) {
    const auto again = signaling::SocketPacket::parse(packet->text());
    core::check(again && again->id == packet->id && again->data == packet->data &&
                again->name_space == packet->name_space);
  }
  if (const auto fragment = signaling::SdpFragment::parse(text))
    core::check(signaling::SdpFragment::parse(fragment->text()).has_value());
  return 0;
}
