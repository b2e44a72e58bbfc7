#include "peer/detail/forwarding.hpp"

#include <algorithm>

#include "rtp/extension_values.hpp"
#include "rtp/ntp.hpp"

namespace lucid::peer::detail {
namespace {

// What is said of one hop, and of the streams that a forwarder chooses from, ends with it.
bool belongs_to_hop(rtp::ExtensionType type) {
  switch (type) {
    case rtp::ExtensionType::mid:
    case rtp::ExtensionType::rid:
    case rtp::ExtensionType::repaired_rid:
    case rtp::ExtensionType::transport_sequence:
    case rtp::ExtensionType::transport_sequence_v2:
    case rtp::ExtensionType::abs_send_time:
    case rtp::ExtensionType::transmission_offset:
    case rtp::ExtensionType::video_layers_allocation:
      return true;
    default:
      return false;
  }
}

void copy_extensions(const RtpPacket& packet, const rtp::Packet& view, rtp::HeaderWriter& header,
                     const rtp::ExtensionMap& map) {
  rtp::ExtensionElements elements{view};
  while (const auto element = elements.next()) {
    const auto type = packet.extensions.type(element->id);
    if (!type || belongs_to_hop(*type)) continue;
    if (const auto id = map.id(*type)) header.add_extension(*id, element->value);
  }
}

}  // namespace

Forwarding::Forwarding(core::Random& random) {
  // RFC 3550 5.1: both begin at random; below half, so that SRTP's first packets cannot wrap.
  last_.sequence = random.u16() & 0x7FFF;
  last_.timestamp = random.u32();
}

// RFC 3550 7.1: what a translator sends is one stream, wherever its packets come from.
void Forwarding::take_up(const RtpPacket& packet, const rtp::Header& header) {
  if (source_ && source_->ssrc == header.ssrc) return;
  std::uint32_t next_timestamp = last_.timestamp;
  if (source_) {
    const core::Duration since = packet.capture_time - last_.capture_time;
    next_timestamp += static_cast<std::uint32_t>(
        std::max<std::int64_t>(1, rtp::duration_to_ticks(since, packet.clock_rate)));
  }
  unwrap_ = {};
  const std::int64_t number = unwrap_.unwrap(header.sequence);
  source_ = {header.ssrc, last_.sequence + 1 - number, next_timestamp - header.timestamp};
}

core::Buffer Forwarding::rewrite(const RtpPacket& packet, const rtp::SendStreamConfig& to,
                                 core::Pool& pool) {
  const rtp::Packet view = packet.view();
  take_up(packet, view.header());
  const std::int64_t number = unwrap_.unwrap(view.sequence()) + source_->sequence_offset;
  rtp::Header header = view.header();
  header.ssrc = to.ssrc;
  header.payload_type = to.payload_type;
  header.sequence = static_cast<std::uint16_t>(number);
  header.timestamp = view.timestamp() + source_->timestamp_offset;
  if (number > last_.sequence) last_ = {number, header.timestamp, packet.capture_time};

  rtp::HeaderWriter writer{header};
  for (std::size_t i = 0; i < view.csrc_count(); ++i) writer.add_csrc(view.csrc(i));
  if (!to.mid.empty()) rtp::add(writer, to.extensions, rtp::Mid{to.mid});
  if (!to.rid.empty()) rtp::add(writer, to.extensions, rtp::Rid{to.rid});
  copy_extensions(packet, view, writer, to.extensions);
  rtp::add(writer, to.extensions, rtp::TransportSequence{});
  rtp::add(writer, to.extensions, rtp::AbsSendTime{});
  core::Buffer out = pool.copy(view.payload(), core::default_head_room + writer.size());
  writer.prepend_to(out);
  return out;
}

}  // namespace lucid::peer::detail
