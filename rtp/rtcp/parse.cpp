#include <algorithm>

#include "rtp/rtcp/packet.hpp"

namespace lucid::rtp::rtcp {
namespace {

// A message, or nullopt when the body does not hold what its type promises.
using Parsed = std::optional<Message>;

std::vector<std::uint8_t> to_vector(core::Bytes bytes) { return {bytes.begin(), bytes.end()}; }
std::string to_string(core::Bytes bytes) { return std::string{core::as_text(bytes)}; }

std::int32_t sign_extend_24(std::uint32_t value) {
  return static_cast<std::int32_t>(value << 8) >> 8;
}

std::vector<ReportBlock> read_report_blocks(core::ByteReader& in, std::size_t count) {
  std::vector<ReportBlock> blocks;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    ReportBlock& block = blocks.emplace_back();
    block.ssrc = in.u32();
    block.fraction_lost = in.u8();
    block.cumulative_lost = sign_extend_24(in.u24());
    block.highest_sequence = in.u32();
    block.jitter = in.u32();
    block.last_sr = in.u32();
    block.delay_since_last_sr = in.u32();
  }
  return blocks;
}

Parsed parse_sender_report(const Block& block) {
  core::ByteReader in{block.body};
  SenderReport report;
  report.ssrc = in.u32();
  report.ntp = NtpTime{in.u64()};
  report.rtp_timestamp = in.u32();
  report.packet_count = in.u32();
  report.octet_count = in.u32();
  report.blocks = read_report_blocks(in, block.count);
  report.profile_extension = to_vector(in.rest());
  if (!in.ok()) return std::nullopt;
  return report;
}

Parsed parse_receiver_report(const Block& block) {
  core::ByteReader in{block.body};
  ReceiverReport report;
  report.ssrc = in.u32();
  report.blocks = read_report_blocks(in, block.count);
  report.profile_extension = to_vector(in.rest());
  if (!in.ok()) return std::nullopt;
  return report;
}

Parsed parse_source_description(const Block& block) {
  core::ByteReader in{block.body};
  SourceDescription description;
  for (std::size_t i = 0; i < block.count; ++i) {
    SourceDescription::Chunk& chunk = description.chunks.emplace_back();
    chunk.ssrc = in.u32();
    if (!in.ok()) return std::nullopt;
    // RFC 3550 6.5: a zero byte ends the items, and zeros fill the word; each chunk begins on one.
    while (in.remaining() > 0) {
      const std::uint8_t type = in.u8();
      if (type == 0) break;
      const core::Bytes text = in.bytes(in.u8());
      if (!in.ok()) return std::nullopt;
      chunk.items.push_back({SdesType{type}, to_string(text)});
    }
    in.skip(std::min((4 - in.position() % 4) % 4, in.remaining()));
  }
  if (!in.ok()) return std::nullopt;
  return description;
}

Parsed parse_bye(const Block& block) {
  core::ByteReader in{block.body};
  Bye bye;
  for (std::size_t i = 0; i < block.count && in.ok(); ++i) bye.sources.push_back(in.u32());
  if (in.remaining() > 0) bye.reason = to_string(in.bytes(in.u8()));
  if (!in.ok()) return std::nullopt;
  return bye;
}

Parsed parse_application(const Block& block) {
  core::ByteReader in{block.body};
  Application application;
  application.subtype = block.count;
  application.ssrc = in.u32();
  for (char& letter : application.name) letter = static_cast<char>(in.u8());
  application.data = to_vector(in.rest());
  if (!in.ok()) return std::nullopt;
  return application;
}

std::optional<ExtendedBlock> read_extended_block(core::ByteReader& in) {
  const std::uint8_t type = in.u8();
  const std::uint8_t specific = in.u8();
  core::ByteReader body{in.bytes(std::size_t{in.u16()} * 4)};
  if (!in.ok()) return std::nullopt;
  if (type == 4 && body.remaining() == 8) return ReceiverReferenceTime{NtpTime{body.u64()}};
  if (type == 5 && body.remaining() % 12 == 0) {
    DelaySinceLastReceiverReport delays;
    while (body.remaining() > 0) {
      DelaySinceLastReceiverReport::Item& item = delays.items.emplace_back();
      item.ssrc = body.u32();
      item.last_rr = body.u32();
      item.delay = body.u32();
    }
    return delays;
  }
  return OtherBlock{type, specific, to_vector(body.rest())};
}

Parsed parse_extended_report(const Block& block) {
  core::ByteReader in{block.body};
  ExtendedReport report;
  report.ssrc = in.u32();
  while (in.remaining() > 0) {
    auto extended = read_extended_block(in);
    if (!extended) return std::nullopt;
    report.blocks.push_back(std::move(*extended));
  }
  if (!in.ok()) return std::nullopt;
  return report;
}

Parsed parse_unknown(const Block& block) {
  return Unknown{block.count, block.type, to_vector(block.body)};
}

// Sender and media SSRC, which begin every feedback message.
template <class Feedback>
Feedback begin_feedback(core::ByteReader& in) {
  Feedback feedback;
  feedback.sender_ssrc = in.u32();
  feedback.media_ssrc = in.u32();
  return feedback;
}

Parsed parse_nack(core::ByteReader in) {
  auto nack = begin_feedback<Nack>(in);
  while (in.remaining() > 0) {
    const std::uint16_t packet_id = in.u16();
    nack.items.push_back({packet_id, in.u16()});
  }
  if (!in.ok()) return std::nullopt;
  return nack;
}

template <class Feedback>
Parsed parse_bitrate_limits(core::ByteReader in) {
  auto feedback = begin_feedback<Feedback>(in);
  while (in.remaining() > 0) {
    BitrateLimit& limit = feedback.limits.emplace_back();
    limit.ssrc = in.u32();
    // RFC 5104 4.2.1.1: exponent 6 bits, mantissa 17, overhead 9.
    const std::uint32_t word = in.u32();
    limit.bitrate.exponent = static_cast<std::uint8_t>(word >> 26);
    limit.bitrate.mantissa = word >> 9 & 0x1FFFF;
    limit.packet_overhead = static_cast<std::uint16_t>(word & 0x1FF);
  }
  if (!in.ok()) return std::nullopt;
  return feedback;
}

std::size_t size_of_deltas(const std::vector<std::uint8_t>& symbols) {
  std::size_t size = 0;
  for (const std::uint8_t symbol : symbols) size += symbol == 1 ? 1U : symbol == 2 ? 2U : 0U;
  return size;
}

Parsed parse_transport_feedback(core::ByteReader in, bool padded) {
  auto feedback = begin_feedback<TransportFeedback>(in);
  feedback.base_sequence = in.u16();
  feedback.status_count = in.u16();
  feedback.reference_time = sign_extend_24(in.u24());
  feedback.feedback_count = in.u8();
  std::size_t covered = 0;
  while (covered < feedback.status_count && in.ok()) {
    const std::uint16_t chunk = feedback.chunks.emplace_back(in.u16());
    covered += (chunk & 0x8000) == 0 ? chunk & 0x1FFFU : (chunk & 0x4000) == 0 ? 14U : 7U;
  }
  if (!in.ok()) return std::nullopt;
  const auto symbols = feedback.symbols();
  // transport-wide-cc 02: a report that was asked for without timestamps ends with the chunks.
  feedback.has_timestamps = size_of_deltas(symbols) <= in.remaining();
  for (const std::uint8_t symbol : symbols) {
    if (!feedback.has_timestamps) break;
    if (symbol == 1) feedback.deltas.push_back(in.u8());
    if (symbol == 2) feedback.deltas.push_back(static_cast<std::int16_t>(in.u16()));
  }
  if (in.remaining() > 3) return std::nullopt;
  feedback.padding_bit = padded || in.remaining() == 0;
  return feedback;
}

// Some senders count deltas as padding. These are read all the same, where they fill the message.
Parsed parse_padded_feedback(const Block& block) {
  auto parsed = parse_transport_feedback(core::ByteReader{block.body}, block.padding != 0);
  const auto* message = parsed ? std::get_if<TransportFeedback>(&*parsed) : nullptr;
  constexpr std::size_t before_chunks = 16;
  const bool sound =
      message != nullptr &&
      (message->has_timestamps || block.body.size() == before_chunks + message->chunks.size() * 2);
  if (block.padding == 0 || sound) return parsed;
  const core::Bytes all{block.body.data(), block.body.size() + block.padding};
  auto whole = parse_transport_feedback(core::ByteReader{all}, true);
  message = whole ? std::get_if<TransportFeedback>(&*whole) : nullptr;
  return message != nullptr && message->has_timestamps ? whole : parsed;
}

Parsed parse_congestion_feedback(core::ByteReader in) {
  CongestionFeedback feedback;
  feedback.sender_ssrc = in.u32();
  while (in.ok() && in.remaining() > 4) {
    CongestionFeedback::Stream& stream = feedback.streams.emplace_back();
    stream.ssrc = in.u32();
    stream.begin_sequence = in.u16();
    const std::size_t count = in.u16();
    core::ByteReader reports{in.bytes((count + count % 2) * 2)};
    if (!in.ok()) return std::nullopt;
    stream.reports.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint16_t word = reports.u16();
      stream.reports.push_back({.received = (word & 0x8000) != 0,
                                .ecn = core::Ecn{static_cast<std::uint8_t>(word >> 13 & 3)},
                                .arrival_offset = static_cast<std::uint16_t>(word & 0x1FFF)});
    }
  }
  feedback.report_timestamp = in.u32();
  if (!in.ok()) return std::nullopt;
  return feedback;
}

Parsed parse_picture_loss(core::ByteReader in) {
  const auto loss = begin_feedback<PictureLoss>(in);
  if (!in.ok()) return std::nullopt;
  return loss;
}

Parsed parse_slice_loss(core::ByteReader in) {
  auto loss = begin_feedback<SliceLoss>(in);
  while (in.remaining() > 0) {
    const std::uint32_t word = in.u32();
    loss.items.push_back({.first = static_cast<std::uint16_t>(word >> 19),
                          .count = static_cast<std::uint16_t>(word >> 6 & 0x1FFF),
                          .picture_id = static_cast<std::uint8_t>(word & 0x3F)});
  }
  if (!in.ok()) return std::nullopt;
  return loss;
}

Parsed parse_reference_selection(core::ByteReader in) {
  auto selection = begin_feedback<ReferenceSelection>(in);
  selection.padding_bits = in.u8();
  selection.payload_type = in.u8();
  selection.bits = to_vector(in.rest());
  // RFC 4585 6.3.3.2: the padding is part of the string's last words.
  if (!in.ok() || selection.padding_bits > selection.bits.size() * 8) return std::nullopt;
  return selection;
}

Parsed parse_full_intra_request(core::ByteReader in) {
  auto request = begin_feedback<FullIntraRequest>(in);
  while (in.remaining() > 0) {
    const std::uint32_t ssrc = in.u32();
    request.items.push_back({ssrc, in.u8()});
    in.skip(3);
  }
  if (!in.ok()) return std::nullopt;
  return request;
}

Parsed parse_application_layer(const Block& block) {
  core::ByteReader in{block.body};
  auto remb = begin_feedback<Remb>(in);
  // RFC 4585 6.4: anything may stand here; REMB says so in its first four letters.
  if (core::as_text(in.bytes(4)) != "REMB") return parse_unknown(block);
  const std::size_t count = in.u8();
  const std::uint32_t rate = in.u24();
  remb.bitrate.exponent = static_cast<std::uint8_t>(rate >> 18);
  remb.bitrate.mantissa = rate & 0x3FFFF;
  for (std::size_t i = 0; i < count && in.ok(); ++i) remb.ssrcs.push_back(in.u32());
  if (!in.ok() || in.remaining() != 0) return std::nullopt;
  return remb;
}

Parsed parse_transport_layer(const Block& block) {
  const core::ByteReader in{block.body};
  switch (block.count) {
    case 1:
      return parse_nack(in);
    case 3:
      return parse_bitrate_limits<BitrateRequest>(in);
    case 4:
      return parse_bitrate_limits<BitrateNotification>(in);
    case 11:
      return parse_congestion_feedback(in);
    case 15:
      return parse_padded_feedback(block);
    default:
      return parse_unknown(block);
  }
}

Parsed parse_payload_specific(const Block& block) {
  const core::ByteReader in{block.body};
  switch (block.count) {
    case 1:
      return parse_picture_loss(in);
    case 2:
      return parse_slice_loss(in);
    case 3:
      return parse_reference_selection(in);
    case 4:
      return parse_full_intra_request(in);
    case 15:
      return parse_application_layer(block);
    default:
      return parse_unknown(block);
  }
}

Parsed parse_body(const Block& block) {
  switch (PacketType{block.type}) {
    case PacketType::sender_report:
      return parse_sender_report(block);
    case PacketType::receiver_report:
      return parse_receiver_report(block);
    case PacketType::source_description:
      return parse_source_description(block);
    case PacketType::bye:
      return parse_bye(block);
    case PacketType::application:
      return parse_application(block);
    case PacketType::transport_feedback:
      return parse_transport_layer(block);
    case PacketType::payload_feedback:
      return parse_payload_specific(block);
    case PacketType::extended_report:
      return parse_extended_report(block);
  }
  return parse_unknown(block);
}

}  // namespace

std::expected<Message, ParseError> parse(const Block& block) {
  auto message = parse_body(block);
  if (!message) return std::unexpected(ParseError::bad_body);
  return std::move(*message);
}

}  // namespace lucid::rtp::rtcp
