#include <algorithm>

#include "core/handle.hpp"
#include "rtp/rtcp/packet.hpp"

namespace lucid::rtp::rtcp {
namespace {

constexpr std::size_t most_count = 31;  // five bits
constexpr std::size_t most_words = 0xFFFF;
constexpr std::size_t report_block_size = 24;
constexpr std::size_t feedback_size = 8;  // the two SSRCs

std::size_t to_full_word(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

// How each message looks on the wire: the first word, and how many bytes follow it.
struct Shape {
  PacketType type;
  std::size_t count;
  std::size_t body;
  bool valid = true;
};

std::size_t chunk_size(const SourceDescription::Chunk& chunk) {
  std::size_t size = 4;
  for (const auto& item : chunk.items) size += 2 + item.text.size();
  return to_full_word(size + 1);
}

std::size_t block_size(const ExtendedBlock& block) {
  return std::visit(
      core::Overloaded{
          [](const ReceiverReferenceTime&) { return std::size_t{12}; },
          [](const DelaySinceLastReceiverReport& b) { return 4 + b.items.size() * 12; },
          [](const OtherBlock& b) { return 4 + b.body.size(); },
      },
      block);
}

std::size_t stream_size(const CongestionFeedback::Stream& stream) {
  return 8 + to_full_word(stream.reports.size() * 2);
}

std::size_t deltas_size(const TransportFeedback& message) {
  std::size_t size = 0;
  for (const std::uint8_t symbol : message.symbols()) {
    if (message.has_timestamps) size += symbol == 1 ? 1U : symbol == 2 ? 2U : 0U;
  }
  return size;
}

Shape shape(const SenderReport& m) {
  return {PacketType::sender_report, m.blocks.size(),
          24 + m.blocks.size() * report_block_size + m.profile_extension.size(),
          m.profile_extension.size() % 4 == 0};
}
Shape shape(const ReceiverReport& m) {
  return {PacketType::receiver_report, m.blocks.size(),
          4 + m.blocks.size() * report_block_size + m.profile_extension.size(),
          m.profile_extension.size() % 4 == 0};
}
Shape shape(const SourceDescription& m) {
  Shape shape{PacketType::source_description, m.chunks.size(), 0};
  for (const auto& chunk : m.chunks) {
    shape.body += chunk_size(chunk);
    for (const auto& item : chunk.items) shape.valid &= item.text.size() <= 255;
  }
  return shape;
}
Shape shape(const Bye& m) {
  const std::size_t reason = m.reason ? to_full_word(1 + m.reason->size()) : 0;
  return {PacketType::bye, m.sources.size(), m.sources.size() * 4 + reason,
          !m.reason || m.reason->size() <= 255};
}
Shape shape(const Application& m) {
  return {PacketType::application, m.subtype, 8 + m.data.size(), m.data.size() % 4 == 0};
}
Shape shape(const ExtendedReport& m) {
  Shape shape{PacketType::extended_report, 0, 4};
  for (const auto& block : m.blocks) {
    const std::size_t size = block_size(block);
    shape.body += size;
    shape.valid &= size % 4 == 0 && size / 4 <= most_words;
  }
  return shape;
}
Shape shape(const Nack& m) {
  return {PacketType::transport_feedback, 1, feedback_size + m.items.size() * 4};
}
Shape shape(const TransportFeedback& m) {
  return {PacketType::transport_feedback, 15,
          to_full_word(feedback_size + 8 + m.chunks.size() * 2 + deltas_size(m)),
          !m.has_timestamps || m.results().size() == m.status_count};
}
Shape shape(const CongestionFeedback& m) {
  Shape shape{PacketType::transport_feedback, 11, 8};
  for (const auto& stream : m.streams) {
    shape.body += stream_size(stream);
    // RFC 8888 3.1: at most 16384 reports on a stream.
    shape.valid &= stream.reports.size() <= 16384;
  }
  return shape;
}
Shape shape(const BitrateRequest& m) {
  return {PacketType::transport_feedback, 3, feedback_size + m.limits.size() * 8};
}
Shape shape(const BitrateNotification& m) {
  return {PacketType::transport_feedback, 4, feedback_size + m.limits.size() * 8};
}
Shape shape(const PictureLoss&) { return {PacketType::payload_feedback, 1, feedback_size}; }
Shape shape(const SliceLoss& m) {
  return {PacketType::payload_feedback, 2, feedback_size + m.items.size() * 4};
}
Shape shape(const ReferenceSelection& m) {
  return {PacketType::payload_feedback, 3, feedback_size + 2 + m.bits.size(),
          m.bits.size() % 4 == 2};
}
Shape shape(const FullIntraRequest& m) {
  return {PacketType::payload_feedback, 4, feedback_size + m.items.size() * 8};
}
Shape shape(const Remb& m) {
  return {PacketType::payload_feedback, 15, feedback_size + 8 + m.ssrcs.size() * 4,
          m.ssrcs.size() <= 255};
}
Shape shape(const Unknown& m) {
  return {PacketType{m.type}, m.count, m.body.size(), m.body.size() % 4 == 0};
}

void put_blocks(const std::vector<ReportBlock>& blocks, core::ByteWriter& out) {
  for (const ReportBlock& block : blocks) {
    out.u32(block.ssrc);
    out.u8(block.fraction_lost);
    out.u24(static_cast<std::uint32_t>(block.cumulative_lost) & 0xFFFFFF);
    out.u32(block.highest_sequence);
    out.u32(block.jitter);
    out.u32(block.last_sr);
    out.u32(block.delay_since_last_sr);
  }
}

void put(const SenderReport& m, core::ByteWriter& out) {
  out.u32(m.ssrc);
  out.u64(m.ntp.value());
  out.u32(m.rtp_timestamp);
  out.u32(m.packet_count);
  out.u32(m.octet_count);
  put_blocks(m.blocks, out);
  out.bytes(m.profile_extension);
}
void put(const ReceiverReport& m, core::ByteWriter& out) {
  out.u32(m.ssrc);
  put_blocks(m.blocks, out);
  out.bytes(m.profile_extension);
}
void put(const SourceDescription& m, core::ByteWriter& out) {
  for (const auto& chunk : m.chunks) {
    std::size_t size = 4;
    out.u32(chunk.ssrc);
    for (const auto& item : chunk.items) {
      out.u8(static_cast<std::uint8_t>(item.type));
      out.u8(static_cast<std::uint8_t>(item.text.size()));
      out.text(item.text);
      size += 2 + item.text.size();
    }
    out.fill(chunk_size(chunk) - size);
  }
}
void put(const Bye& m, core::ByteWriter& out) {
  for (const std::uint32_t source : m.sources) out.u32(source);
  if (!m.reason) return;
  out.u8(static_cast<std::uint8_t>(m.reason->size()));
  out.text(*m.reason);
  out.fill(to_full_word(1 + m.reason->size()) - 1 - m.reason->size());
}
void put(const Application& m, core::ByteWriter& out) {
  out.u32(m.ssrc);
  out.text({m.name.data(), m.name.size()});
  out.bytes(m.data);
}

void put_block(const ReceiverReferenceTime& block, core::ByteWriter& out) {
  out.u32(4U << 24 | 2);
  out.u64(block.ntp.value());
}
void put_block(const DelaySinceLastReceiverReport& block, core::ByteWriter& out) {
  out.u16(5 << 8);
  out.u16(static_cast<std::uint16_t>(block.items.size() * 3));
  for (const auto& item : block.items) {
    out.u32(item.ssrc);
    out.u32(item.last_rr);
    out.u32(item.delay);
  }
}
void put_block(const OtherBlock& block, core::ByteWriter& out) {
  out.u8(block.type);
  out.u8(block.specific);
  out.u16(static_cast<std::uint16_t>(block.body.size() / 4));
  out.bytes(block.body);
}
void put(const ExtendedReport& m, core::ByteWriter& out) {
  out.u32(m.ssrc);
  for (const auto& block : m.blocks) {
    std::visit([&](const auto& b) { put_block(b, out); }, block);
  }
}

template <class Feedback>
void put_ssrcs(const Feedback& m, core::ByteWriter& out) {
  out.u32(m.sender_ssrc);
  out.u32(m.media_ssrc);
}
void put_limits(const std::vector<BitrateLimit>& limits, core::ByteWriter& out) {
  for (const auto& limit : limits) {
    out.u32(limit.ssrc);
    out.u32(std::uint32_t{limit.bitrate.exponent} << 26 | (limit.bitrate.mantissa & 0x1FFFF) << 9 |
            (limit.packet_overhead & 0x1FFU));
  }
}

void put(const Nack& m, core::ByteWriter& out) {
  put_ssrcs(m, out);
  for (const auto& item : m.items) {
    out.u16(item.packet_id);
    out.u16(item.following_lost);
  }
}
void put(const TransportFeedback& m, core::ByteWriter& out) {
  put_ssrcs(m, out);
  out.u16(m.base_sequence);
  out.u16(m.status_count);
  out.u24(static_cast<std::uint32_t>(m.reference_time) & 0xFFFFFF);
  out.u8(m.feedback_count);
  for (const std::uint16_t chunk : m.chunks) out.u16(chunk);
  std::size_t next = 0;
  for (const std::uint8_t symbol : m.symbols()) {
    if (!m.has_timestamps) break;
    if (symbol == 1) out.u8(static_cast<std::uint8_t>(m.deltas[next++]));
    if (symbol == 2) out.u16(static_cast<std::uint16_t>(m.deltas[next++]));
  }
  const std::size_t size = m.chunks.size() * 2 + deltas_size(m);
  const std::size_t fill = to_full_word(size) - size;
  if (fill == 0) return;
  out.fill(fill - 1);
  out.u8(m.padding_bit ? static_cast<std::uint8_t>(fill) : 0);
}
void put(const CongestionFeedback& m, core::ByteWriter& out) {
  out.u32(m.sender_ssrc);
  for (const auto& stream : m.streams) {
    out.u32(stream.ssrc);
    out.u16(stream.begin_sequence);
    out.u16(static_cast<std::uint16_t>(stream.reports.size()));
    for (const auto& report : stream.reports) {
      out.u16(static_cast<std::uint16_t>((report.received ? 0x8000 : 0) |
                                         static_cast<unsigned>(report.ecn) << 13 |
                                         (report.arrival_offset & 0x1FFF)));
    }
    if (stream.reports.size() % 2 != 0) out.u16(0);
  }
  out.u32(m.report_timestamp);
}
void put(const BitrateRequest& m, core::ByteWriter& out) {
  put_ssrcs(m, out);
  put_limits(m.limits, out);
}
void put(const BitrateNotification& m, core::ByteWriter& out) {
  put_ssrcs(m, out);
  put_limits(m.limits, out);
}
void put(const PictureLoss& m, core::ByteWriter& out) { put_ssrcs(m, out); }
void put(const SliceLoss& m, core::ByteWriter& out) {
  put_ssrcs(m, out);
  for (const auto& item : m.items) {
    out.u32(std::uint32_t{item.first} << 19 | (item.count & 0x1FFFU) << 6 |
            (item.picture_id & 0x3FU));
  }
}
void put(const ReferenceSelection& m, core::ByteWriter& out) {
  put_ssrcs(m, out);
  out.u8(m.padding_bits);
  out.u8(m.payload_type);
  out.bytes(m.bits);
}
void put(const FullIntraRequest& m, core::ByteWriter& out) {
  put_ssrcs(m, out);
  for (const auto& item : m.items) {
    out.u32(item.ssrc);
    out.u8(item.sequence);
    out.u24(0);
  }
}
void put(const Remb& m, core::ByteWriter& out) {
  put_ssrcs(m, out);
  out.text("REMB");
  out.u8(static_cast<std::uint8_t>(m.ssrcs.size()));
  out.u24(std::uint32_t{m.bitrate.exponent} << 18 | (m.bitrate.mantissa & 0x3FFFF));
  for (const std::uint32_t ssrc : m.ssrcs) out.u32(ssrc);
}
void put(const Unknown& m, core::ByteWriter& out) { out.bytes(m.body); }

bool has_padding(const Message& message) {
  const auto* feedback = std::get_if<TransportFeedback>(&message);
  return feedback != nullptr && feedback->padding_bit &&
         (feedback->chunks.size() * 2 + deltas_size(*feedback)) % 4 != 0;
}

}  // namespace

std::size_t size_of(const Message& message) {
  return 4 + std::visit([](const auto& m) { return shape(m).body; }, message);
}

bool write(const Message& message, core::ByteWriter& out) {
  const Shape shaped = std::visit([](const auto& m) { return shape(m); }, message);
  if (!shaped.valid || shaped.count > most_count || shaped.body / 4 > most_words) return false;
  if (!out.ok() || out.room() < 4 + shaped.body) return false;
  out.u8(static_cast<std::uint8_t>(2U << 6 | (has_padding(message) ? 0x20U : 0) | shaped.count));
  out.u8(static_cast<std::uint8_t>(shaped.type));
  out.u16(static_cast<std::uint16_t>(shaped.body / 4));
  std::visit([&](const auto& m) { put(m, out); }, message);
  return true;
}

}  // namespace lucid::rtp::rtcp
