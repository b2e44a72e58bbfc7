#pragma once
#include <cstdint>
#include <variant>
#include <vector>

#include "rtp/ntp.hpp"

// Extended reports (RFC 3611). Receiver reference time and its answer let one who sends nothing
// measure the round trip; other blocks are kept as they came.
//
//  |     BT        | type-specific |         block length          |
namespace lucid::rtp::rtcp {

struct ReceiverReferenceTime {  // RFC 3611 4.4
  NtpTime ntp;
  friend bool operator==(const ReceiverReferenceTime&, const ReceiverReferenceTime&) = default;
};

struct DelaySinceLastReceiverReport {  // RFC 3611 4.5, DLRR
  struct Item {
    std::uint32_t ssrc = 0;
    std::uint32_t last_rr = 0;  // compact NTP
    std::uint32_t delay = 0;    // compact NTP
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::vector<Item> items;
  friend bool operator==(const DelaySinceLastReceiverReport&,
                         const DelaySinceLastReceiverReport&) = default;
};

struct OtherBlock {
  std::uint8_t type = 0;
  std::uint8_t specific = 0;
  std::vector<std::uint8_t> body;  // whole words
  friend bool operator==(const OtherBlock&, const OtherBlock&) = default;
};

using ExtendedBlock = std::variant<ReceiverReferenceTime, DelaySinceLastReceiverReport, OtherBlock>;

struct ExtendedReport {
  std::uint32_t ssrc = 0;
  std::vector<ExtendedBlock> blocks;
  friend bool operator==(const ExtendedReport&, const ExtendedReport&) = default;
};

}  // namespace lucid::rtp::rtcp
