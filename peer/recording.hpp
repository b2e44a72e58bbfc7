#pragma once
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "peer/peer_connection.hpp"

// A session of a PeerConnection written down, and done again: what came from outside with its time,
// and the random bytes that were drawn. The same inputs give the same outputs, byte for byte.
namespace lucid::peer {

// One input as a line of words: "datagram", "timeout", "bound", "set_remote_description", ...
struct RecordedInput {
  core::Time time{};
  std::string what;
  std::vector<std::string> fields;

  friend bool operator==(const RecordedInput&, const RecordedInput&) = default;
};

// Text, a line for each input; it holds keys and what was said, so it is as secret as the call.
struct Recording {
  core::Time created{};
  std::int64_t wall_clock = 0;  // microseconds since 1970 at time zero
  std::vector<std::uint8_t> random;
  std::vector<RecordedInput> inputs;

  std::string text() const;
  [[nodiscard]] static Result<Recording> parse(std::string_view text);
};

namespace detail {

// Draws from `from` and keeps what it drew.
struct RecordingRandom final : core::Random {
  RecordingRandom(core::Random& source, std::vector<std::uint8_t>& into)
      : from{source}, drawn{into} {}
  void fill(core::MutableBytes out) override;

  core::Random& from;
  std::vector<std::uint8_t>& drawn;
};

// Draws once more what was drawn then. Beyond the end there are zeros: the session went another
// way.
struct ReplayingRandom final : core::Random {
  explicit ReplayingRandom(const std::vector<std::uint8_t>& recorded) : drawn{recorded} {}
  void fill(core::MutableBytes out) override;

  const std::vector<std::uint8_t>& drawn;
  std::size_t used = 0;
};

// A connection and the channels by their keys, as commands of a recording name them.
struct Performer {
  explicit Performer(PeerConnection made) : connection{std::move(made)} {}
  Result<void> perform(const RecordedInput& input, core::Pool& pool);
  std::optional<Event> poll_event();

  PeerConnection connection;
  std::map<std::uint32_t, DataChannel> channels{};
};

// Between inputs: how many events were taken out.
inline constexpr std::string_view polled = "polled";
std::size_t count_of(const RecordedInput& input);

RecordedInput recorded(const core::Datagram& datagram, core::Time now);
RecordedInput recorded(std::span<const core::Interface> list, core::Time now);
RecordedInput recorded(core::ResolveId id, std::span<const core::Ip> list, core::Time now);
std::vector<std::string> fields_of(const Configuration& configuration);
std::vector<std::string> fields_of(const core::Path& path);
std::vector<std::string> fields_of(const DataChannelInit& init);
std::vector<std::string> fields_of(const std::optional<IceCandidate>& candidate);

}  // namespace detail

// The same over again: a fresh connection is given the inputs, one after the other, with the random
// bytes of then. `Configuration` is the one of the recorded connection, but for its wall clock.
// Poll it dry after each step.
template <class Seam>
class Replay {
 public:
  Replay(Configuration configuration, const Recording& recording, core::Pool& pool)
      : recording_{recording}, random_{recording.random}, pool_{pool} {
    configuration.wall_clock = core::WallClock{core::WallClock::Microseconds{recording.wall_clock}};
    const Seam seam{recording.created, random_};
    auto made = PeerConnection::create(configuration, {random_, pool}, recording.created);
    core::check(made.has_value());
    performer_.emplace(std::move(*made));
  }

  // Gives the next input; false at the end.
  bool step() {
    if (next_ == recording_.inputs.size()) return false;
    const RecordedInput& input = recording_.inputs[next_++];
    if (input.what == detail::polled) {
      take(detail::count_of(input));
      return true;
    }
    const Seam seam{input.time, random_};
    (void)performer_->perform(input, pool_);
    return true;
  }
  std::optional<core::Datagram> poll_transmit() { return performer_->connection.poll_transmit(); }
  std::optional<Event> poll_event() {
    if (next_ == recording_.inputs.size()) take(std::numeric_limits<std::size_t>::max());
    if (said_.empty()) return std::nullopt;
    Event event = std::move(said_.front());
    said_.pop_front();
    return event;
  }
  const PeerConnection& connection() const { return performer_->connection; }
  // Whether exactly the recorded randomness was drawn so far: false when it went another way.
  bool on_track() const { return random_.used <= recording_.random.size(); }

 private:
  // W3C 4.7.3: a `negotiationneeded` that nobody has taken yet may be taken back; so events are
  // taken out where they were then.
  void take(std::size_t count) {
    for (; count > 0; --count) {
      auto event = performer_->poll_event();
      if (!event) return;
      said_.push_back(std::move(*event));
    }
  }

  const Recording& recording_;
  detail::ReplayingRandom random_;
  core::Pool& pool_;
  std::optional<detail::Performer> performer_;
  std::deque<Event> said_;
  std::size_t next_ = 0;
};

}  // namespace lucid::peer
