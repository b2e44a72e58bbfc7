#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <variant>

#include "core/media.hpp"
#include "core/serial.hpp"
#include "rtp/receive/delay.hpp"

namespace lucid::rtp::audio {

// Plays sound that comes in packets, in order and at an even pace, whatever the network did to
// them. It decides and does not decode: asked for the next ten milliseconds it says what it needs,
// is given samples, and hands out sound.
//
//   while (auto need = playout.next(now)) playout.give(decode(*need));   // `codec` knows how
//   speaker.play(playout.take(now));
//
// Delay follows the network: target() is what all but one packet in twenty stay below. When there
// is more, sound is played a little faster; when there is less, slower; the pitch stays. That also
// takes up the difference between the sender's clock and the sound card's.
class Playout {
 public:
  struct Decode {
    core::EncodedFrame frame;
  };
  struct DecodeRedundancy {  // what this packet repeats of the one before it
    core::EncodedFrame frame;
    core::Duration length;
  };
  struct Conceal {  // nothing came: make something up
    core::Duration length;
  };
  struct ComfortNoise {  // the sender is silent and sends nothing: background noise
    core::Duration length;
  };
  using Need = std::variant<Decode, DecodeRedundancy, Conceal, ComfortNoise>;

  struct Stats {  // in samples of one channel, where not said otherwise (W3C webrtc-stats)
    std::uint64_t total_samples = 0;
    std::uint64_t concealed_samples = 0;
    std::uint64_t silent_samples = 0;
    std::uint64_t concealment_events = 0;
    std::uint64_t inserted_samples = 0;   // played slower
    std::uint64_t removed_samples = 0;    // played faster
    std::uint64_t packets_discarded = 0;  // came too late, or twice
    std::uint64_t packets_from_redundancy = 0;
    core::Duration total_delay{};  // summed over samples, for the mean
  };

  // `clock_rate` is that of the timestamps, `sample_rate` that of the decoder.
  struct Config {
    std::uint32_t clock_rate = 48'000;
    std::uint32_t sample_rate = 48'000;
    std::uint8_t channels = 1;
    // The margin covers the step in which sound is taken, and a clock that drifts.
    DelayEstimator::Limits limits{.margin = std::chrono::milliseconds{20}};
  };
  explicit Playout(Config config);

  // `sequence` is unwrapped: silence is told from loss by numbers that go on where timestamps jump.
  void insert(core::EncodedFrame frame, std::int64_t sequence, core::Time now);
  std::optional<Need> next(core::Time now);
  void give(const core::AudioFrame& decoded);
  // A decoder that failed: as good as lost.
  void give_nothing();
  // Ten milliseconds, always.
  core::AudioFrame take(core::Time now);

  // How long ago what is played now would have been played on a perfect network.
  core::Duration delay(core::Time now) const;
  core::Duration target() const { return estimator_.target(); }
  // What the network alone asks for.
  core::Duration needed() const { return estimator_.needed(); }
  // Lip synchronisation: hold the sound back at least this long.
  void limit(DelayEstimator::Limits limits);
  // The moment of capture of the sound that take() returned last; zero where packets do not tell.
  core::Time capture_time() const { return capture_time_; }
  const Stats& stats() const { return stats_; }

 private:
  struct Packet {
    core::EncodedFrame frame;
    std::int64_t sequence;
    std::int64_t length;  // in clock ticks
  };
  using Packets = std::map<std::int64_t, Packet>;  // by unwrapped timestamp
  enum class Kind : std::uint8_t { decoded, redundancy, concealed, stalled, noise };

  std::int64_t ticks(core::Duration length) const;
  std::int64_t ticks_of_samples(std::size_t frames) const;
  std::optional<Need> fill_gap(Packets::iterator next, core::Time now);
  void adapt(core::Time now);
  void restart_at(std::int64_t timestamp);
  bool has_enough() const;

  Config config_;
  DelayEstimator estimator_;
  core::Unwrapper<std::uint32_t> unwrap_;
  Packets packets_;
  std::optional<std::int64_t> next_timestamp_;  // of the first sample not yet decoded
  std::optional<std::int64_t> last_sequence_;   // of the packet decoded last
  std::int64_t bridged_ = 0;                    // made up while nothing came, in clock ticks
  bool silence_ = false;                        // the packet decoded last announced silence
  Kind pending_ = Kind::decoded;                // what next() asked for
  bool concealing_ = false;
  std::vector<std::int16_t> samples_;  // decoded, not yet played
  std::size_t since_stretch_ = 0;      // samples played since the last stretch
  core::Time capture_time_{};
  core::Time last_capture_{};        // of the packet decoded last
  std::int64_t last_timestamp_ = 0;  // of the same
  Stats stats_;
};

}  // namespace lucid::rtp::audio
