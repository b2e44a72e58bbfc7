#include "rtp/send/detail/picture_numbers.hpp"

namespace lucid::rtp::detail {
namespace {

constexpr std::size_t nowhere = 0;  // a descriptor begins with its flags, never with a number

struct Places {
  std::size_t picture = nowhere;
  bool wide = false;
  std::size_t base = nowhere;
};

std::size_t pass_picture(core::Bytes payload, std::size_t at, Places& places) {
  if (at >= payload.size()) return at;
  const bool wide = (payload[at] & 0x80) != 0;
  if (wide && at + 1 >= payload.size()) return payload.size();
  places.picture = at;
  places.wide = wide;
  return at + (wide ? 2U : 1U);
}

Places places_of(core::Codec codec, core::Bytes payload) {
  Places places;
  if (payload.empty()) return places;
  const std::uint8_t first = payload[0];
  if (codec == core::Codec::vp8 && (first & 0x80) != 0 && payload.size() > 1) {
    const std::uint8_t present = payload[1];
    std::size_t at = 2;
    if ((present & 0x80) != 0) at = pass_picture(payload, at, places);
    if ((present & 0x40) != 0 && at < payload.size()) places.base = at;
  }
  if (codec == core::Codec::vp9) {
    std::size_t at = 1;
    if ((first & 0x80) != 0) at = pass_picture(payload, at, places);
    // RFC 9628 4.2: TL0PICIDX follows the layer indices, and only without F.
    const bool numbered = (first & 0x20) != 0 && (first & 0x10) == 0;
    if (numbered && at + 1 < payload.size()) places.base = at + 1;
  }
  return places;
}

}  // namespace

PictureNumbers PictureNumbers::read(core::Codec codec, core::Bytes payload) {
  const Places places = places_of(codec, payload);
  PictureNumbers numbers;
  if (places.picture != nowhere) {
    const std::size_t at = places.picture;
    numbers.picture = static_cast<std::uint16_t>(
        places.wide ? (payload[at] & 0x7F) << 8 | payload[at + 1] : payload[at]);
  }
  if (places.base != nowhere) numbers.base = payload[places.base];
  return numbers;
}

void PictureNumbers::write(core::Codec codec, core::MutableBytes payload) const {
  const Places places = places_of(codec, payload);
  if (places.picture != nowhere && picture) {
    std::uint8_t* at = &payload[places.picture];
    if (places.wide) {
      at[0] = static_cast<std::uint8_t>(0x80 | (*picture >> 8 & 0x7F));
      at[1] = static_cast<std::uint8_t>(*picture);
    } else {
      at[0] = static_cast<std::uint8_t>(*picture & 0x7F);
    }
  }
  if (places.base != nowhere && base) payload[places.base] = *base;
}

}  // namespace lucid::rtp::detail
