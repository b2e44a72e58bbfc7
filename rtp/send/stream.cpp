#include "rtp/send/stream.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "rtp/extension_values.hpp"
#include "rtp/ntp.hpp"
#include "rtp/payload/red.hpp"

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

// RFC 4588 4: the number a repeated packet had goes in front of its payload.
constexpr std::size_t original_sequence_size = 2;
// Requests that come closer than this ask for the same key frame.
constexpr core::Duration key_request_pause = 100ms;
// A repetition under way is not sent again before it can have arrived.
constexpr core::Duration least_repeat_pause = 5ms;
// Nobody can ask for padding again, and it is cheap: RFC 3550 5.1 allows 255 bytes.
constexpr std::size_t most_padding = 255;

PacketKind packet_kind(core::Codec codec) {
  return core::kind_of(codec) == core::MediaKind::audio ? PacketKind::audio : PacketKind::video;
}

// AV1 RTP A.8.2.2: the first byte of the descriptor tells where the frame begins and ends.
void mark(std::uint8_t& first_byte, const Piece& piece) {
  first_byte = static_cast<std::uint8_t>((first_byte & 0x3F) | (piece.first ? 0x80 : 0) |
                                         (piece.last ? 0x40 : 0));
}

}  // namespace

SendStream::SendStream(SendStreamConfig config, core::Context context)
    : config_{std::move(config)},
      random_{&context.random},
      pool_{&context.pool},
      packetizer_{make_packetizer(config_.format, context.random)},
      history_{config_.history},
      // RFC 3550 5.1: both begin at random. Below half, so that SRTP's first packets cannot wrap.
      next_sequence_{static_cast<std::uint16_t>(context.random.u16() & 0x7FFF)},
      next_rtx_sequence_{static_cast<std::uint16_t>(context.random.u16() & 0x7FFF)},
      timestamp_offset_{context.random.u32()} {
  set_up_dependencies();
}

void SendStream::reconfigure(SendStreamConfig config) {
  if (config.format != config_.format) packetizer_ = make_packetizer(config.format, *random_);
  config_ = std::move(config);
  set_up_dependencies();
}

void SendStream::set_up_dependencies() {
  dependencies_.reset();
  if (packet_kind(config_.format.codec) != PacketKind::video) return;
  if (!config_.extensions.id(ExtensionType::dependency_descriptor)) return;
  dependencies_.emplace(config_.format.spatial_layers, config_.format.temporal_layers);
}

SendStream::Template SendStream::begin(const Header& header, Repeats repeats) const {
  Template out{HeaderWriter{header}};
  const Packet* original = repeats.original;
  for (std::size_t i = 0; original && i < original->csrc_count(); ++i) {
    out.header.add_csrc(original->csrc(i));
  }
  const ExtensionMap& map = config_.extensions;
  if (!config_.mid.empty()) add(out.header, map, Mid{config_.mid});
  if (!config_.rid.empty()) {
    if (repeats.something) {
      add(out.header, map, RepairedRid{config_.rid});
    } else {
      add(out.header, map, Rid{config_.rid});
    }
  }
  if (!original) return out;
  // RFC 4588 4: a repetition has the extensions of its original, but for those of this moment.
  ExtensionElements elements{*original};
  while (const auto element = elements.next()) {
    const auto type = map.type(element->id);
    if (type && !is_of_transport(*type)) out.header.add_extension(element->id, element->value);
  }
  return out;
}

// What the pacer fills in goes last: the spans that add() fills may move as more is added.
void SendStream::finish(Template& parts) const {
  const bool numbered = add(parts.header, config_.extensions, TransportSequence{});
  const bool timed = add(parts.header, config_.extensions, AbsSendTime{});
  if (numbered || timed) parts.late = late_fields(parts.header.bytes());
}

SendStream::Template SendStream::describe(
    const Header& header, const core::EncodedFrame& frame,
    const std::optional<DependencyDescriptor>& dependencies) const {
  Template out = begin(header, {});
  const ExtensionMap& map = config_.extensions;
  if (frame.audio_level) add(out.header, map, AudioLevel{*frame.audio_level, frame.voice});
  if (frame.rotation != 0) add(out.header, map, VideoOrientation{.rotation = frame.rotation});
  if (dependencies) {
    std::array<std::uint8_t, 255> room{};
    const std::size_t size = write_descriptor(*dependencies, dependencies_->structure(), room);
    const auto id = map.id(ExtensionType::dependency_descriptor);
    if (size > 0) out.header.add_extension(*id, core::Bytes{room}.first(size));
  }
  finish(out);
  if (dependencies)
    out.descriptor = place(out.header.bytes(), ExtensionType::dependency_descriptor);
  return out;
}

std::uint16_t SendStream::place(core::Bytes packet, ExtensionType type) const {
  const auto view = Packet::parse(packet);
  const auto id = config_.extensions.id(type);
  const auto value = view && id ? view->extension(*id) : std::nullopt;
  return value ? static_cast<std::uint16_t>(value->data() - packet.data()) : std::uint16_t{0};
}

SendStream::LateFields SendStream::late_fields(core::Bytes packet) const {
  return {place(packet, ExtensionType::transport_sequence),
          place(packet, ExtensionType::abs_send_time)};
}

void SendStream::send(const core::EncodedFrame& frame, core::Time now, Pacer& pacer) {
  const Header header{.payload_type = config_.red_payload_type.value_or(config_.payload_type),
                      .timestamp = frame.rtp_timestamp + timestamp_offset_,
                      .ssrc = config_.ssrc};
  std::optional<DependencyDescriptor> dependencies;
  if (dependencies_) dependencies = dependencies_->describe(frame);
  // The first header is the largest: the structure goes with it (AV1 RTP A.8.3.3).
  Template parts = describe(header, frame, dependencies);
  const std::size_t header_size = parts.header.size();
  const std::size_t room = config_.packet_limit - header_size - original_sequence_size;
  if (!pacer.has_room() || !packetizer_->open(frame, room)) {
    ++stats_.dropped_frames;
    return;
  }
  const PacketKind kind = packet_kind(config_.format.codec);
  const core::Time captured = frame.capture_time == core::Time{} ? now : frame.capture_time;
  while (true) {
    core::Buffer packet = pool_->take(room, core::default_head_room + header_size);
    const std::optional<Piece> piece = packetizer_->next(packet.bytes());
    if (!piece) break;
    packet.resize(piece->size);
    if (config_.red_payload_type && !add_redundancy(packet, header.timestamp)) continue;
    parts.header.sequence(next_sequence_++);
    parts.header.marker(piece->marker);
    parts.header.prepend_to(packet);
    if (parts.descriptor != 0) mark(packet.data()[parts.descriptor], *piece);
    count(packet, parts.header.size(), captured, header.timestamp);
    pacer.handle_datagram({.kind = kind,
                           .ssrc = config_.ssrc,
                           .bytes = std::move(packet),
                           .transport_sequence_at = parts.late.transport_sequence,
                           .send_time_at = parts.late.send_time,
                           .captured = captured,
                           .keep = kind == PacketKind::video},
                          now);
    if (dependencies && std::exchange(dependencies->has_structure, false)) {
      parts = describe(header, frame, dependencies);
    }
  }
  ++stats_.frames;
  if (frame.key && kind == PacketKind::video) ++stats_.key_frames;
}

// RFC 2198 3: the payload before this one, then this one. What is too old or too long to describe
// is left out.
bool SendStream::add_redundancy(core::Buffer& payload, std::uint32_t timestamp) {
  constexpr std::size_t most_headers = 80;  // of RTP and RED
  const std::uint32_t offset = last_sent_ ? timestamp - last_sent_->timestamp : 0;
  const bool repeats = !previous_.empty() && offset > 0 && offset <= RedPayload::most_offset &&
                       previous_.size() <= RedPayload::most_block_bytes &&
                       previous_.size() + payload.size() + most_headers <= config_.packet_limit;
  const RedBlock blocks[] = {
      {config_.payload_type, static_cast<std::uint16_t>(offset), previous_.bytes()},
      {config_.payload_type, 0, payload.bytes()}};
  core::Buffer joined = pool_->take(config_.packet_limit, payload.head_room());
  core::ByteWriter out{joined.bytes()};
  if (!write_red(repeats ? std::span{blocks} : std::span{blocks}.last(1), out)) return false;
  joined.resize(out.size());
  previous_ = std::exchange(payload, std::move(joined));
  return true;
}

void SendStream::count(const core::Buffer& packet, std::size_t header_size, core::Time captured,
                       std::uint32_t timestamp) {
  ++stats_.packets;
  stats_.header_bytes += header_size;
  stats_.payload_bytes += packet.size() - header_size;
  last_sent_ = LastSent{captured, timestamp};
}

void SendStream::forward(core::Buffer packet, bool keep, core::Time now, Pacer& pacer,
                         core::Time captured) {
  const auto view = Packet::parse(packet.bytes());
  if (!view) return;
  if (captured == core::Time{}) captured = now;
  count(packet, view->header_size(), captured, view->timestamp());
  const LateFields late = late_fields(packet.bytes());
  pacer.handle_datagram({.kind = packet_kind(config_.format.codec),
                         .ssrc = config_.ssrc,
                         .bytes = std::move(packet),
                         .transport_sequence_at = late.transport_sequence,
                         .send_time_at = late.send_time,
                         .captured = captured,
                         .keep = keep},
                        now);
}

void SendStream::sent(Outgoing packet, core::Time now) {
  if (!packet.keep) return;
  const auto view = Packet::parse(packet.bytes.bytes());
  if (view) history_.store(view->sequence(), std::move(packet.bytes), now);
}

void SendStream::handle(const rtcp::Nack& nack, core::Time now, Pacer& pacer) {
  ++stats_.nacks;
  const core::Duration pause = std::max(stats_.round_trip.value_or(0us), least_repeat_pause);
  nack.for_each([&](std::uint16_t sequence) {
    if (!pacer.has_room()) return;  // what is not sent is not counted, and may be asked for again
    const core::Buffer* packet = history_.ask(sequence, pause, now);
    if (packet != nullptr) repeat(*packet, now, pacer, PacketKind::retransmission);
  });
}

void SendStream::repeat(const core::Buffer& original, core::Time now, Pacer& pacer,
                        PacketKind kind) {
  const auto view = Packet::parse(original.bytes());
  if (!view) return;
  ++stats_.retransmitted_packets;
  stats_.retransmitted_bytes += view->payload().size();
  if (!config_.rtx_ssrc) {
    const LateFields late = late_fields(original.bytes());
    pacer.handle_datagram({.kind = kind,
                           .ssrc = config_.ssrc,
                           .bytes = pool_->copy(original.bytes()),
                           .transport_sequence_at = late.transport_sequence,
                           .send_time_at = late.send_time},
                          now);
    return;
  }
  Header header = view->header();
  header.ssrc = *config_.rtx_ssrc;
  header.payload_type = config_.rtx_payload_type;
  header.sequence = next_rtx_sequence_++;
  Template parts = begin(header, {.something = true, .original = &*view});
  finish(parts);
  core::Buffer packet = pool_->take(original_sequence_size + view->payload().size(),
                                    core::default_head_room + parts.header.size());
  core::ByteWriter out{packet.bytes()};
  out.u16(view->sequence());
  out.bytes(view->payload());
  parts.header.prepend_to(packet);
  pacer.handle_datagram({.kind = kind,
                         .ssrc = *config_.rtx_ssrc,
                         .bytes = std::move(packet),
                         .transport_sequence_at = parts.late.transport_sequence,
                         .send_time_at = parts.late.send_time},
                        now);
}

void SendStream::handle(const rtcp::ReportBlock& block, core::Time now,
                        const core::WallClock& wall) {
  stats_.fraction_lost = block.fraction_lost / 256.0;
  expected_loss_.reported(block);
  stats_.expected_loss = expected_loss_.percent();
  stats_.cumulative_lost = block.cumulative_lost;
  stats_.jitter = ticks_to_duration(block.jitter, clock_rate(config_.format.codec));
  if (block.last_sr == 0) return;
  // RFC 3550 6.4.1: the round trip is now, less when that report was sent, less how long it lay
  // there.
  const std::uint32_t ticks =
      NtpTime::at(now, wall).compact() - block.last_sr - block.delay_since_last_sr;
  if (static_cast<std::int32_t>(ticks) >= 0) stats_.round_trip = from_compact_ntp(ticks);
}

bool SendStream::may_ask_for_key_frame(core::Time now) {
  if (last_key_request_ && now - *last_key_request_ < key_request_pause) return false;
  last_key_request_ = now;
  return true;
}

bool SendStream::handle(const rtcp::PictureLoss&, core::Time now) {
  ++stats_.plis;
  return may_ask_for_key_frame(now);
}

bool SendStream::handle(const rtcp::FullIntraRequest& request, core::Time now) {
  bool granted = false;
  for (const auto& item : request.items) {
    if (item.ssrc != config_.ssrc) continue;
    ++stats_.firs;
    // RFC 5104 4.3.1.2: a request with the number of the one before is its repetition; unless that
    // one came too soon to be granted.
    if (last_fir_ == item.sequence || !may_ask_for_key_frame(now)) continue;
    last_fir_ = item.sequence;
    granted = true;
  }
  return granted;
}

std::optional<rtcp::SenderReport> SendStream::report(core::Time now,
                                                     const core::WallClock& wall) const {
  if (!last_sent_) return std::nullopt;
  rtcp::SenderReport report;
  report.ssrc = config_.ssrc;
  report.ntp = NtpTime::at(now, wall);
  // RFC 3550 6.4.1: the RTP timestamp of this very moment, not of the last packet.
  report.rtp_timestamp =
      last_sent_->timestamp + static_cast<std::uint32_t>(duration_to_ticks(
                                  now - last_sent_->captured, clock_rate(config_.format.codec)));
  report.packet_count = static_cast<std::uint32_t>(stats_.packets);
  report.octet_count = static_cast<std::uint32_t>(stats_.payload_bytes);
  return report;
}

void SendStream::pad(std::size_t bytes, core::Time now, Pacer& pacer) {
  if (!config_.rtx_ssrc) return;
  if (const core::Buffer* packet = history_.latest()) {
    repeat(*packet, now, pacer, PacketKind::padding);
    return;
  }
  Template parts = begin({.payload_type = config_.rtx_payload_type,
                          .sequence = next_rtx_sequence_++,
                          .ssrc = *config_.rtx_ssrc},
                         {.something = true});
  finish(parts);
  core::Buffer packet = pool_->take(0, core::default_head_room + parts.header.size(),
                                    core::default_tail_room + most_padding);
  parts.header.prepend_to(packet);
  add_padding(packet, static_cast<std::uint8_t>(std::min(bytes, most_padding)));
  pacer.handle_datagram({.kind = PacketKind::padding,
                         .ssrc = *config_.rtx_ssrc,
                         .bytes = std::move(packet),
                         .transport_sequence_at = parts.late.transport_sequence,
                         .send_time_at = parts.late.send_time},
                        now);
}

}  // namespace lucid::rtp
