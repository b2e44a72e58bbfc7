#include "rtp/receive/stream.hpp"

#include <algorithm>
#include <array>

#include "rtp/detail/numbers.hpp"
#include "rtp/extension_values.hpp"
#include "rtp/payload/red.hpp"

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t remembered = 2048;
constexpr std::int64_t turn_length = 1 << 16;
// Frames that cannot be shown for this long, beyond what repair takes, need a key frame.
constexpr core::Duration patience = 200ms;
// Where one packet in ten is lost each way, four repetitions leave one hole in a thousand.
constexpr int tries_waited_for = 4;
constexpr core::Duration least_request_pause = 200ms;
// What a sender may ask for at least: as much as the frame buffer has room for.
constexpr core::Duration most_wished = 5s;

}  // namespace

ReceiveStream::ReceiveStream(ReceiveStreamConfig config, core::Context context)
    : config_{std::move(config)},
      pool_{&context.pool},
      frames_{config_.clock_rate},
      turn_{detail::first_turn},
      seen_(remembered) {}

void ReceiveStream::handle_datagram(core::Buffer packet, core::Time now) {
  const auto view = Packet::parse(packet.bytes());
  if (!view) {
    ++stats_.malformed;
    return;
  }
  stats_.last_packet_at = now;
  if (config_.rtx_ssrc && view->ssrc() == *config_.rtx_ssrc) {
    take_repair(*view, std::move(packet), now);
  } else if (view->ssrc() == config_.ssrc) {
    take(*view, std::move(packet), Source::direct, now);
  } else {
    ++stats_.unknown_format;
  }
  release(now);
  feed_back(now);
}

void ReceiveStream::take_repair(const Packet& view, core::Buffer bytes, core::Time now) {
  stats_.repair_bytes += view.payload().size();
  const auto original = config_.rtx_formats.find(view.payload_type());
  if (view.payload().empty()) return;  // padding, to learn of the path
  if (view.payload().size() < 2 || original == config_.rtx_formats.end()) {
    ++stats_.malformed;
    return;
  }
  // RFC 4588 4: the original's number stands in front of its payload. The header moves over it.
  const std::uint16_t number = core::ByteReader{view.payload()}.u16();
  const std::size_t header = view.header_size();
  std::copy_backward(bytes.data(), bytes.data() + header, bytes.data() + header + 2);
  bytes.drop_front(2);
  PacketRewriter rewriter{bytes.bytes()};
  rewriter.sequence(number);
  rewriter.ssrc(config_.ssrc);
  rewriter.payload_type(original->second);
  const auto restored = Packet::parse(bytes.bytes());
  if (restored) take(*restored, std::move(bytes), Source::repair, now);
}

void ReceiveStream::take(const Packet& view, core::Buffer bytes, Source source, core::Time now) {
  const auto format = config_.formats.find(view.payload_type());
  const bool red = config_.red_payload_type == view.payload_type();
  if (format == config_.formats.end() && !red) {
    ++stats_.unknown_format;
    return;
  }
  const std::int64_t number = turn_ + unwrap_.peek(view.sequence());
  Seen& seen = seen_[static_cast<std::size_t>(number) % remembered];
  if (!first_) first_ = number;
  const bool before = number < *first_ - detail::most_overtaken;
  if (seen.number >= number || before) {  // or so old that nobody can tell
    const bool other = seen.number != number || seen.timestamp != view.timestamp();
    if (source == Source::direct && other) return take_stray(view, std::move(bytes), now);
    ++stats_.duplicates;
    if (source == Source::direct) nack_.overtaken(number, now);
    return;
  }
  // Only what is taken moves the reference: strays could lead it away, one after the other.
  (void)unwrap_.unwrap(view.sequence());
  seen = {number, view.timestamp()};
  const bool repaired = source == Source::repair;
  if (repaired) ++stats_.repaired_packets;
  if (config_.nack) nack_.received(number, arrival(source), now);
  if (config_.output == ReceiveStreamConfig::Output::packets) {
    events_.push_back(ReceivedPacket{std::move(bytes), repaired});
  } else if (red) {
    take_red(view, number, now);
  } else if (core::kind_of(format->second) == core::MediaKind::audio) {
    take_audio(view, format->second, number, now);
  } else {
    take_video(view, std::move(bytes), format->second, {number, now, repaired});
  }
}

// RFC 3550 A.1: two packets in sequence, neither of which can be one of those that were expected,
// are of a source that began its numbers anew.
void ReceiveStream::take_stray(const Packet& view, core::Buffer bytes, core::Time now) {
  const auto before = Packet::parse(stray_.bytes());
  core::Buffer first = std::exchange(stray_, std::move(bytes));
  if (!before || static_cast<std::uint16_t>(before->sequence() + 1) != view.sequence()) {
    ++stats_.duplicates;
    return;
  }
  ++stats_.restarts;
  // Beyond all that the old numbers can still reach.
  turn_ = (turn_ + unwrap_.peek(view.sequence()) + 3 * turn_length) / turn_length * turn_length;
  unwrap_ = {};
  first_.reset();
  core::Buffer second = std::move(stray_);
  take(*before, std::move(first), Source::direct, now);
  take(view, std::move(second), Source::direct, now);
}

// Without RTX a repetition is the packet once more, and looks like one that was overtaken.
NackGenerator::Arrival ReceiveStream::arrival(Source source) const {
  if (source == Source::repair) return NackGenerator::Arrival::repaired;
  return config_.rtx_formats.empty() ? NackGenerator::Arrival::either
                                     : NackGenerator::Arrival::direct;
}

void ReceiveStream::take_audio(const Packet& view, core::Codec codec, std::int64_t number,
                               core::Time now) {
  Frame out;
  out.frame.codec = codec;
  out.frame.rtp_timestamp = view.timestamp();
  out.sequence = number;
  hand_up(view, std::move(out), view.payload(), now);
}

// RFC 2198 4: the older blocks are packets that may have been lost; each has the number it would
// have had, so that the playout buffer, which takes each timestamp once, puts it into its place.
void ReceiveStream::take_red(const Packet& view, std::int64_t number, core::Time now) {
  const auto red = RedPayload::parse(view.payload());
  if (!red) {
    ++stats_.malformed;
    return;
  }
  for (std::size_t i = 0; i < red->count; ++i) {
    const RedBlock& block = red->blocks()[i];
    const auto format = config_.formats.find(block.payload_type);
    if (format == config_.formats.end()) continue;
    const auto back = static_cast<std::int64_t>(red->count - 1 - i);
    // What came by itself is not wanted again.
    const Seen& seen = seen_[static_cast<std::size_t>(number - back) % remembered];
    if (back > 0 && seen.number == number - back) {
      continue;
    }
    Frame out;
    out.frame.codec = format->second;
    out.frame.rtp_timestamp = view.timestamp() - block.timestamp_offset;
    out.sequence = number - back;
    hand_up(view, std::move(out), block.data, now);
  }
}

void ReceiveStream::hand_up(const Packet& view, Frame out, core::Bytes data, core::Time now) {
  if (data.empty()) return;
  out.frame.data.assign(data.begin(), data.end());
  out.frame.key = true;
  out.frame.id = out.sequence;
  const auto level = read<AudioLevel>(view, config_.extensions);
  if (level && out.frame.rtp_timestamp == view.timestamp()) {
    out.frame.audio_level = level->level;
    out.frame.voice = level->voice;
  }
  out.arrived_at = now;
  events_.push_back(std::move(out));
}

void ReceiveStream::take_video(const Packet& view, core::Buffer bytes, core::Codec codec,
                               const FrameAssembler::Arrival& arrival) {
  // RFC 3550 5.1: a source may change its format in mid-stream; what was half done is lost then.
  if (!assembler_ || assembler_->codec() != codec) {
    assembler_ = std::make_unique<FrameAssembler>(codec);
  }
  const bool padding = view.payload().empty();
  if (const auto wish = read<PlayoutDelay>(view, config_.extensions)) {
    frames_.delay().wish(std::min(wish->least, most_wished), wish->most);
  }
  if (!assembler_->insert(view, std::move(bytes), arrival)) {
    ++stats_.malformed;
    return;
  }
  if (padding) frames_.skip(arrival.sequence);
  while (std::optional<AssembledFrame> frame = assembler_->pop()) {
    frame->frame.rid = config_.rid;
    frame->frame.rotation = rotation_of(*frame);
    frames_.insert(*std::move(frame), arrival.time);
  }
}

void ReceiveStream::release(core::Time now) {
  while (std::optional<AssembledFrame> next = frames_.pop(now)) {
    Frame out;
    annotate(*next);
    out.frame = std::move(next->frame);
    out.sequence = next->first_sequence;
    out.arrived_at = next->complete_at;
    nack_.forget_before(next->last_sequence + 1);
    if (assembler_) assembler_->forget_before(next->last_sequence + 1);
    events_.push_back(std::move(out));
  }
}

// 3GPP TS 26.114 7.4.5: the last packet tells, and any other may.
std::uint16_t ReceiveStream::rotation_of(const AssembledFrame& frame) const {
  for (const core::Buffer* packet : {&frame.last_packet, &frame.first_packet}) {
    const auto view = Packet::parse(packet->bytes());
    if (!view) continue;
    const auto orientation = read<VideoOrientation>(*view, config_.extensions);
    if (orientation) return orientation->rotation;
  }
  return 0;
}

// Frames leave in order, which is what tells their dependencies.
void ReceiveStream::annotate(AssembledFrame& frame) {
  const auto id = config_.extensions.id(ExtensionType::dependency_descriptor);
  const auto view =
      id ? Packet::parse(frame.first_packet) : std::unexpected(PacketError::truncated);
  const auto value = view ? view->extension(*id) : std::nullopt;
  if (const auto descriptor = value ? dependencies_.read(*value) : std::nullopt) {
    references_.annotate(frame.frame, *descriptor);
  } else {
    references_.annotate(frame.frame, frame.info, {frame.first_sequence, frame.last_sequence});
  }
}

void ReceiveStream::feed_back(core::Time now) {
  const std::vector<std::uint16_t> missing = nack_.due(now);
  if (!missing.empty()) {
    ++stats_.nacks;
    out_.push_back(rtcp::Nack{config_.own_ssrc, config_.ssrc, rtcp::Nack::pack(missing)});
  }
  const bool frames = config_.output == ReceiveStreamConfig::Output::frames;
  const auto stalled = frames_.stalled_since();
  const bool hopeless = nack_.gave_up() || (stalled && now - *stalled >= patience_with_gaps());
  if (frames && hopeless) request_key_frame(now);
}

// Before anything of a key frame there is nothing that a repair could complete.
core::Duration ReceiveStream::patience_with_gaps() const {
  const bool began = assembler_ && assembler_->has_part_of_key();
  const bool repairs = config_.nack && (began || frames_.done_until());
  return repairs ? patience + tries_waited_for * round_trip_ : 0us;
}

void ReceiveStream::request_key_frame(core::Time now) {
  const core::Duration pause = std::max<core::Duration>(least_request_pause, round_trip_ * 3 / 2);
  if (!config_.pli || (last_request_ && now - *last_request_ < pause)) return;
  last_request_ = now;
  ++stats_.key_frame_requests;
  out_.push_back(rtcp::PictureLoss{config_.own_ssrc, config_.ssrc});
}

void ReceiveStream::handle_timeout(core::Time now) {
  release(now);
  feed_back(now);
}

std::optional<core::Time> ReceiveStream::next_timeout() const {
  std::optional<core::Time> deadline = core::earliest(nack_.next_timeout(), frames_.next_timeout());
  if (const auto stalled = frames_.stalled_since(); stalled && config_.pli) {
    const core::Duration pause = std::max<core::Duration>(least_request_pause, round_trip_ * 3 / 2);
    core::Time ask = *stalled + patience_with_gaps();
    if (last_request_) ask = std::max(ask, *last_request_ + pause);
    deadline = core::earliest(deadline, ask);
  }
  return deadline;
}

void ReceiveStream::round_trip(core::Duration rtt) {
  round_trip_ = rtt;
  nack_.round_trip(rtt);
}

}  // namespace lucid::rtp
