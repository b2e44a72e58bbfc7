#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// Feedback messages: RFC 4585, RFC 5104, and REMB.
//
//  |V=2|P|   FMT   | PT 205 or 206 |            length             |
//  |                  SSRC of packet sender                        |
//  |                  SSRC of media source                         |
//  |  feedback control information ...
namespace lucid::rtp::rtcp {

// RFC 4585 6.2.1: FMT 1 of 205. Items are kept as they stand on the wire.
struct Nack {
  struct Item {
    std::uint16_t packet_id = 0;
    std::uint16_t following_lost = 0;  // bit 0 stands for packet_id + 1
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::vector<Item> items;

  // Numbers in rising order (across the wrap) into as few items as they fit.
  static std::vector<Item> pack(std::span<const std::uint16_t> sequences);
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Item& item : items) {
      visit(item.packet_id);
      for (unsigned bit = 0; bit < 16; ++bit) {
        if ((item.following_lost >> bit & 1) == 0) continue;
        visit(static_cast<std::uint16_t>(item.packet_id + 1U + bit));
      }
    }
  }
  friend bool operator==(const Nack&, const Nack&) = default;
};

// A bit rate as mantissa and power of two, kept as it stands on the wire.
template <unsigned mantissa_bits>
struct ScaledBitrate {
  std::uint8_t exponent = 0;  // 6 bits
  std::uint32_t mantissa = 0;

  // Rounds down to what the mantissa can say.
  static constexpr ScaledBitrate of(std::uint64_t bits_per_second) {
    ScaledBitrate scaled;
    while (bits_per_second >> mantissa_bits != 0) {
      bits_per_second >>= 1;
      ++scaled.exponent;
    }
    scaled.mantissa = static_cast<std::uint32_t>(bits_per_second);
    return scaled;
  }
  // In bits a second; what is beyond 64 bits reads as the most they hold.
  constexpr std::uint64_t value() const {
    const std::uint64_t shifted = exponent < 64 ? std::uint64_t{mantissa} << exponent : 0;
    return exponent < 64 && shifted >> exponent == mantissa ? shifted : ~std::uint64_t{0};
  }
  friend bool operator==(const ScaledBitrate&, const ScaledBitrate&) = default;
};

// RFC 5104 4.2.1 and 4.2.2: FMT 3 and 4 of 205.
struct BitrateLimit {
  std::uint32_t ssrc = 0;
  ScaledBitrate<17> bitrate;
  std::uint16_t packet_overhead = 0;  // 9 bits
  friend bool operator==(const BitrateLimit&, const BitrateLimit&) = default;
};
struct BitrateRequest {  // TMMBR
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;  // 0
  std::vector<BitrateLimit> limits;
  friend bool operator==(const BitrateRequest&, const BitrateRequest&) = default;
};
struct BitrateNotification {  // TMMBN
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;  // 0
  std::vector<BitrateLimit> limits;
  friend bool operator==(const BitrateNotification&, const BitrateNotification&) = default;
};

// RFC 4585 6.3.1: FMT 1 of 206, PLI.
struct PictureLoss {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  friend bool operator==(const PictureLoss&, const PictureLoss&) = default;
};

// RFC 4585 6.3.2: FMT 2 of 206, SLI.
struct SliceLoss {
  struct Item {
    std::uint16_t first = 0;      // macroblock, 13 bits
    std::uint16_t count = 0;      // 13 bits
    std::uint8_t picture_id = 0;  // 6 bits
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::vector<Item> items;
  friend bool operator==(const SliceLoss&, const SliceLoss&) = default;
};

// RFC 4585 6.3.3: FMT 3 of 206, RPSI. `bits` is the native string of the codec.
struct ReferenceSelection {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::uint8_t padding_bits = 0;
  std::uint8_t payload_type = 0;
  std::vector<std::uint8_t> bits;
  friend bool operator==(const ReferenceSelection&, const ReferenceSelection&) = default;
};

// RFC 5104 4.3.1: FMT 4 of 206, FIR.
struct FullIntraRequest {
  struct Item {
    std::uint32_t ssrc = 0;
    std::uint8_t sequence = 0;  // a repetition carries the number of the request it repeats
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;  // 0
  std::vector<Item> items;
  friend bool operator==(const FullIntraRequest&, const FullIntraRequest&) = default;
};

// draft-alvestrand-rmcat-remb 2.2: FMT 15 of 206, "REMB".
struct Remb {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;  // 0
  ScaledBitrate<18> bitrate;
  std::vector<std::uint32_t> ssrcs;
  friend bool operator==(const Remb&, const Remb&) = default;
};

}  // namespace lucid::rtp::rtcp
