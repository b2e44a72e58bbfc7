#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "core/effects.hpp"
#include "core/time.hpp"

// Where congestion control plugs in. A controller hears of every packet that leaves and of what
// became of it, and decides how fast to go. It sends nothing itself.
namespace lucid::rtp::congestion {

enum class PacketKind : std::uint8_t { audio, retransmission, video, padding };

struct SentPacket {
  std::int64_t id = 0;  // transport-wide number, unwrapped
  core::Time time{};
  std::size_t size = 0;  // on the wire
  PacketKind kind = PacketKind::video;
  std::optional<std::uint32_t> probe;  // the probe it is part of
};

struct PacketResult {
  std::int64_t id = 0;
  std::optional<core::Time> arrival;  // by the receiver's clock; nullopt: lost
  core::Ecn ecn = core::Ecn::not_ect;
};

// A short burst at a higher rate, to find out whether the path would take it.
struct Probe {
  std::uint32_t id = 0;
  std::uint64_t bitrate = 0;
  core::Duration duration{};
};

// Bits a second throughout.
struct Plan {
  std::uint64_t target = 0;           // for encoders to share
  std::uint64_t pacing = 0;           // how fast queued packets leave
  std::uint64_t padding = 0;          // filled up to this where there is not enough media
  std::optional<std::size_t> window;  // most bytes under way; nullopt: no limit
  std::optional<Probe> probe;
};

struct Controller {
  virtual ~Controller() = default;
  virtual void sent(const SentPacket& packet) = 0;
  virtual void results(std::span<const PacketResult> results, core::Time now) = 0;
  virtual void round_trip(core::Duration rtt, core::Time now) = 0;
  // What the encoders would use if they could have all they want.
  virtual void demand(std::uint64_t bitrate, core::Time now) = 0;
  virtual void handle_timeout(core::Time now) = 0;
  virtual std::optional<core::Time> next_timeout() const = 0;
  virtual const Plan& plan() const = 0;
};

// Always the same rate, with two and a half times as much for the pacer, so that a key frame does
// not take long to leave.
class Fixed final : public Controller {
 public:
  explicit Fixed(std::uint64_t bitrate) : plan_{bitrate, bitrate * 5 / 2, 0, {}, {}} {}

  void sent(const SentPacket&) override {}
  void results(std::span<const PacketResult>, core::Time) override {}
  void round_trip(core::Duration, core::Time) override {}
  void demand(std::uint64_t, core::Time) override {}
  void handle_timeout(core::Time) override {}
  std::optional<core::Time> next_timeout() const override { return std::nullopt; }
  const Plan& plan() const override { return plan_; }

 private:
  Plan plan_;
};

}  // namespace lucid::rtp::congestion
