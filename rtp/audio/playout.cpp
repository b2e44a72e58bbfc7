#include "rtp/audio/playout.hpp"

#include <algorithm>
#include <utility>

#include "rtp/audio/stretch.hpp"
#include "rtp/ntp.hpp"
#include "rtp/payload/opus.hpp"

namespace lucid::rtp::audio {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration playout_step = 10ms;
// One packet in so many may come too late; concealment covers that.
constexpr std::size_t late_one_in = 20;
// Delay may be this much off its target before anything is stretched.
constexpr core::Duration tolerance = 10ms;
// Too little of it runs dry: what is missing is made up for sooner.
constexpr core::Duration tolerance_below = 4ms;
// Far beyond the target, stretching works without pause.
constexpr core::Duration urgent = 60ms;
constexpr core::Duration stretch_pause = 40ms;
// More than this in store and the oldest go; a jump in the timestamps larger than this is a new
// timeline.
constexpr core::Duration most_stored = 2s;
constexpr std::size_t most_packets =
    1000;  // as many as the shortest there are, of 2.5 ms, and some
constexpr core::Duration jump = 5s;
// Opus in silence sends packets of at most two bytes (its DTX), then none.
constexpr std::size_t silent_packet = 2;

core::Duration length_of(const core::EncodedFrame& frame) {
  if (frame.codec == core::Codec::opus) {
    const auto packet = OpusPacket::parse(frame.data);
    return packet ? packet->duration : 20ms;
  }
  // G.711 and G.722: 64 kbit/s, eight bytes a millisecond.
  return std::chrono::microseconds{frame.data.size() * 125};
}

}  // namespace

Playout::Playout(Config config) : config_{config}, estimator_{config.clock_rate, late_one_in} {
  estimator_.limit(config.limits);
}

void Playout::limit(DelayEstimator::Limits limits) {
  limits.margin = std::max(limits.margin, config_.limits.margin);
  estimator_.limit(limits);
}

std::int64_t Playout::ticks(core::Duration length) const {
  return duration_to_ticks(length, config_.clock_rate);
}
std::int64_t Playout::ticks_of_samples(std::size_t frames) const {
  return static_cast<std::int64_t>(frames) * config_.clock_rate / config_.sample_rate;
}

void Playout::insert(core::EncodedFrame frame, std::int64_t sequence, core::Time now) {
  if (frame.data.empty()) return;
  const std::int64_t timestamp = unwrap_.unwrap(frame.rtp_timestamp);
  estimator_.arrived(frame.rtp_timestamp, now);
  if (next_timestamp_ && std::abs(timestamp - *next_timestamp_) > ticks(jump))
    restart_at(timestamp);
  if (!next_timestamp_) restart_at(timestamp);
  const bool late = timestamp < *next_timestamp_;
  const std::int64_t length = ticks(length_of(frame));
  if (late || !packets_.try_emplace(timestamp, Packet{std::move(frame), sequence, length}).second) {
    ++stats_.packets_discarded;
    return;
  }
  while (packets_.rbegin()->first - packets_.begin()->first > ticks(most_stored) ||
         packets_.size() > most_packets) {
    packets_.erase(packets_.begin());
    ++stats_.packets_discarded;
    next_timestamp_ = packets_.begin()->first;
  }
}

void Playout::restart_at(std::int64_t timestamp) {
  packets_.clear();
  next_timestamp_ = timestamp;
  last_sequence_.reset();
  silence_ = false;
  bridged_ = 0;
}

bool Playout::has_enough() const {
  const std::size_t wanted = config_.sample_rate / 100;
  return samples_.size() >= wanted * config_.channels;
}

std::optional<Playout::Need> Playout::next(core::Time now) {
  if (!next_timestamp_) return std::nullopt;
  // At the very start, or after a long silence, wait until the first packet has the delay it needs.
  const bool waiting = stats_.total_samples == 0 || (samples_.empty() && !last_sequence_);
  if (waiting && !packets_.empty() &&
      estimator_.play_at(packets_.begin()->second.frame.rtp_timestamp) > now) {
    return std::nullopt;
  }
  // Stretching needs to see ahead, but only of what is there.
  const std::size_t ahead =
      (config_.sample_rate / 100 + look_ahead(config_.sample_rate)) * config_.channels;
  const auto due = packets_.find(*next_timestamp_);
  const bool wants_more = !has_enough() || (samples_.size() < ahead && due != packets_.end());
  if (!wants_more) return std::nullopt;
  if (due != packets_.end()) {
    Packet packet = std::move(due->second);
    packets_.erase(due);
    pending_ = Kind::decoded;
    bridged_ = 0;
    last_sequence_ = packet.sequence;
    last_capture_ = packet.frame.capture_time;
    last_timestamp_ = *next_timestamp_;
    silence_ = packet.frame.codec == core::Codec::opus && packet.frame.data.size() <= silent_packet;
    return Decode{std::move(packet.frame)};
  }
  return fill_gap(packets_.upper_bound(*next_timestamp_), now);
}

std::optional<Playout::Need> Playout::fill_gap(Packets::iterator next, core::Time now) {
  if (next == packets_.end()) {
    // Nothing newer either: the network holds everything up, or the sender has gone silent.
    pending_ = silence_ ? Kind::noise : Kind::stalled;
    if (silence_) return ComfortNoise{playout_step};
    return Conceal{playout_step};
  }
  // What bridged the stall has already been heard in place of what now turns out to be lost.
  *next_timestamp_ += std::min(std::exchange(bridged_, 0), next->first - *next_timestamp_);
  const std::int64_t gap = next->first - *next_timestamp_;
  if (gap == 0) return this->next(now);
  const core::Duration length = ticks_to_duration(gap, config_.clock_rate);
  // Numbers that go on where the timestamp jumps: nothing was sent in between.
  if (silence_ || (last_sequence_ && next->second.sequence == *last_sequence_ + 1)) {
    pending_ = Kind::noise;
    return ComfortNoise{std::min(playout_step, length)};
  }
  const core::EncodedFrame& frame = next->second.frame;
  const auto opus = frame.codec == core::Codec::opus ? OpusPacket::parse(frame.data) : std::nullopt;
  if (opus && opus->has_fec && gap == next->second.length) {
    pending_ = Kind::redundancy;
    return DecodeRedundancy{frame, length};
  }
  pending_ = Kind::concealed;
  return Conceal{std::min(playout_step, length)};
}

void Playout::give(const core::AudioFrame& decoded) {
  if (decoded.channels != config_.channels || decoded.samples.empty()) return give_nothing();
  samples_.insert(samples_.end(), decoded.samples.begin(), decoded.samples.end());
  const std::size_t frames = decoded.samples.size() / config_.channels;
  const bool concealed = pending_ == Kind::concealed || pending_ == Kind::stalled;
  if (concealed && !concealing_) ++stats_.concealment_events;
  if (concealed) stats_.concealed_samples += frames;
  if (pending_ == Kind::noise) stats_.silent_samples += frames;
  if (pending_ == Kind::redundancy) ++stats_.packets_from_redundancy;
  concealing_ = concealed;
  // What only bridges a stall does not move on: the late packets are still wanted, in full.
  const bool bridges = pending_ == Kind::stalled || (pending_ == Kind::noise && packets_.empty());
  if (bridges) {
    bridged_ += ticks_of_samples(frames);
  } else {
    *next_timestamp_ += ticks_of_samples(frames);
    // Of packets that overlap the first one is played; what it covered must not be gone back to.
    const auto next = packets_.lower_bound(*next_timestamp_);
    stats_.packets_discarded += static_cast<std::uint64_t>(std::distance(packets_.begin(), next));
    packets_.erase(packets_.begin(), next);
  }
}

void Playout::give_nothing() {
  core::AudioFrame silence;
  silence.channels = config_.channels;
  silence.samples.resize(std::size_t{config_.sample_rate / 100} * config_.channels);
  pending_ = Kind::concealed;
  give(silence);
}

core::Duration Playout::delay(core::Time now) const {
  if (!next_timestamp_) return {};
  const std::int64_t playing =
      *next_timestamp_ - ticks_of_samples(samples_.size() / config_.channels);
  // play_at() is when it should be played with the target delay.
  return now - estimator_.play_at(static_cast<std::uint32_t>(playing)) + target();
}

void Playout::adapt(core::Time now) {
  const core::Duration surplus = delay(now) - target();
  const bool soon = since_stretch_ < static_cast<std::size_t>(ticks(stretch_pause)) *
                                         config_.sample_rate / config_.clock_rate;
  if (concealing_ || (soon && surplus < urgent)) return;
  if (surplus > tolerance) {
    const auto done = shorten(samples_, config_.channels, config_.sample_rate);
    stats_.removed_samples += done.frames;
    if (done.frames > 0) since_stretch_ = 0;
  } else if (surplus < -tolerance_below) {
    const auto done = lengthen(samples_, config_.channels, config_.sample_rate);
    stats_.inserted_samples += done.frames;
    if (done.frames > 0) since_stretch_ = 0;
  }
}

core::AudioFrame Playout::take(core::Time now) {
  core::AudioFrame out;
  out.sample_rate = config_.sample_rate;
  out.channels = config_.channels;
  const std::size_t frames = config_.sample_rate / 100;
  const std::size_t wanted = frames * config_.channels;
  if (!has_enough()) {  // nothing has come yet: silence, and it counts for nothing
    out.samples.resize(wanted);
    return out;
  }
  adapt(now);
  capture_time_ = last_capture_;
  if (last_capture_ != core::Time{}) {
    const std::int64_t playing =
        *next_timestamp_ - ticks_of_samples(samples_.size() / config_.channels);
    capture_time_ += ticks_to_duration(playing - last_timestamp_, config_.clock_rate);
  }
  const std::size_t available = std::min(wanted, samples_.size());
  out.samples.assign(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(available));
  out.samples.resize(wanted);
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(available));
  since_stretch_ += frames;
  stats_.total_samples += frames;
  stats_.total_delay += std::max(delay(now), 0us) * static_cast<std::int64_t>(frames);
  out.capture_time = capture_time_;
  return out;
}

}  // namespace lucid::rtp::audio
