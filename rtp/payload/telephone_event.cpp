#include "rtp/payload/telephone_event.hpp"

#include <algorithm>

#include "core/serial.hpp"
#include "rtp/ntp.hpp"

namespace lucid::rtp {
namespace {

constexpr std::string_view keys = "0123456789*#ABCD";
constexpr core::Duration update_interval{50'000};  // RFC 4733 2.5.1.2: an update every 50 ms
constexpr int end_packets = 3;                     // RFC 4733 2.5.1.4
constexpr std::int64_t most_duration = 0xFFFF;

}  // namespace

std::optional<TelephoneEvent> TelephoneEvent::parse(core::Bytes payload) {
  core::ByteReader in{payload};
  TelephoneEvent event{.event = in.u8()};
  const std::uint8_t flags = in.u8();
  event.end = (flags & 0x80) != 0;
  event.volume = flags & 0x3F;
  event.duration = in.u16();
  if (!in.ok()) return std::nullopt;
  return event;
}

std::array<std::uint8_t, 4> TelephoneEvent::bytes() const {
  std::array<std::uint8_t, 4> room{};
  core::ByteWriter out{room};
  out.u8(event);
  out.u8(static_cast<std::uint8_t>((end ? 0x80 : 0) | (volume & 0x3F)));
  out.u16(duration);
  return room;
}

std::optional<std::uint8_t> telephone_event_of(char key) {
  const std::size_t found = keys.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(found);
}

std::optional<char> key_of(std::uint8_t event) {
  if (event >= keys.size()) return std::nullopt;
  return keys[event];
}

void TelephoneEventSender::press(std::uint8_t event, core::Duration length, std::uint32_t timestamp,
                                 core::Time now) {
  event_ = {.event = event};
  timestamp_ = timestamp;
  begin_ = now;
  end_ = now + length;
  ends_left_ = end_packets;
  first_ = true;
  next_ = now;
}

std::optional<TelephoneEventSender::Packet> TelephoneEventSender::next(core::Time now) {
  if (!next_ || now < *next_) return std::nullopt;
  const core::Duration length = end_ - begin_;
  // RFC 4733 2.5.1.4: the end is said three times at once, so that it does not get lost. Until then
  // a packet speaks for the time until the next one too, so that the tone does not break off.
  event_.end = now >= end_;
  const core::Duration told =
      event_.end ? length : std::min(*next_ - begin_ + update_interval, length);
  event_.duration =
      static_cast<std::uint16_t>(std::min(duration_to_ticks(told, clock_rate_), most_duration));
  if (!event_.end) {
    next_ = std::min(*next_ + update_interval, end_);
  } else if (--ends_left_ == 0) {
    next_.reset();
  }
  const bool marker = first_;
  first_ = false;
  return Packet{event_.bytes(), timestamp_, marker};
}

std::optional<TelephoneEvent> TelephoneEventReceiver::received(core::Bytes payload,
                                                               std::uint32_t timestamp) {
  const auto event = TelephoneEvent::parse(payload);
  if (!event) return std::nullopt;
  // RFC 4733 2.5.2.2: one timestamp, one event; a late packet of an older one says nothing new.
  using Timestamp = core::Serial<std::uint32_t>;
  if (last_timestamp_ && !Timestamp{timestamp}.ahead_of(Timestamp{*last_timestamp_})) {
    return std::nullopt;
  }
  last_timestamp_ = timestamp;
  return event;
}

}  // namespace lucid::rtp
