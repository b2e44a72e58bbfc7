#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"
#include "core/time.hpp"

namespace lucid::rtp {

// Keys of a telephone (RFC 4733 2.3).
//
//  |     event     |E|R| volume    |          duration             |
struct TelephoneEvent {
  std::uint8_t event = 0;  // 0 to 9, 10 '*', 11 '#', 12 to 15 'A' to 'D'
  bool end = false;
  std::uint8_t volume = 10;    // -dBm0
  std::uint16_t duration = 0;  // in clock ticks, from the packet's timestamp

  static std::optional<TelephoneEvent> parse(core::Bytes payload);
  std::array<std::uint8_t, 4> bytes() const;
  friend bool operator==(const TelephoneEvent&, const TelephoneEvent&) = default;
};
std::optional<std::uint8_t> telephone_event_of(char key);
std::optional<char> key_of(std::uint8_t event);

// Plays one key as packets (RFC 4733 2.5.1): its timestamp stays, its duration grows, its end is
// said three times.
class TelephoneEventSender {
 public:
  struct Packet {
    std::array<std::uint8_t, 4> payload;
    std::uint32_t timestamp;
    bool marker;  // the first of this key
  };

  explicit TelephoneEventSender(std::uint32_t clock_rate = 8000) : clock_rate_{clock_rate} {}

  // `timestamp` is what a sound that begins now would carry. A key still playing is cut off.
  void press(std::uint8_t event, core::Duration length, std::uint32_t timestamp, core::Time now);
  std::optional<Packet> next(core::Time now);
  std::optional<core::Time> next_timeout() const { return next_; }

 private:
  std::uint32_t clock_rate_;
  TelephoneEvent event_;
  std::uint32_t timestamp_ = 0;
  core::Time begin_{};
  core::Time end_{};
  int ends_left_ = 0;
  bool first_ = false;
  std::optional<core::Time> next_;
};

// Makes one key out of many packets, lost ones among them.
class TelephoneEventReceiver {
 public:
  // The event, once for each key: as soon as the first packet of it comes.
  std::optional<TelephoneEvent> received(core::Bytes payload, std::uint32_t timestamp);

 private:
  std::optional<std::uint32_t> last_timestamp_;
};

}  // namespace lucid::rtp
