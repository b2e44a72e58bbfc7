#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rtp/ntp.hpp"

// Reports, descriptions and farewells (RFC 3550 6.4 to 6.7).
namespace lucid::rtp::rtcp {

//  |                 SSRC_1 (SSRC of first source)                 |
//  | fraction lost |       cumulative number of packets lost       |
//  |           extended highest sequence number received           |
//  |                      interarrival jitter                      |
//  |                         last SR (LSR)                         |
//  |                   delay since last SR (DLSR)                  |
struct ReportBlock {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;    // of 256, since the previous report
  std::int32_t cumulative_lost = 0;  // 24 bits, may be negative (duplicates)
  std::uint32_t highest_sequence = 0;
  std::uint32_t jitter = 0;   // in clock ticks
  std::uint32_t last_sr = 0;  // compact NTP; 0: none came yet
  std::uint32_t delay_since_last_sr = 0;
  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

struct SenderReport {
  std::uint32_t ssrc = 0;
  NtpTime ntp;
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;
  std::vector<ReportBlock> blocks;  // at most 31
  std::vector<std::uint8_t> profile_extension;
  friend bool operator==(const SenderReport&, const SenderReport&) = default;
};

struct ReceiverReport {
  std::uint32_t ssrc = 0;
  std::vector<ReportBlock> blocks;  // at most 31
  std::vector<std::uint8_t> profile_extension;
  friend bool operator==(const ReceiverReport&, const ReceiverReport&) = default;
};

enum class SdesType : std::uint8_t {
  cname = 1,
  name = 2,
  email = 3,
  phone = 4,
  location = 5,
  tool = 6,
  note = 7,
  priv = 8,
  mid = 15,           // RFC 9143 15.1
  rid = 12,           // RFC 8852 3.1
  repaired_rid = 13,  // RFC 8852 3.2
};

// RFC 3550 6.5
struct SourceDescription {
  struct Item {
    SdesType type = SdesType::cname;
    std::string text;  // at most 255 bytes
    friend bool operator==(const Item&, const Item&) = default;
  };
  struct Chunk {
    std::uint32_t ssrc = 0;
    std::vector<Item> items;
    friend bool operator==(const Chunk&, const Chunk&) = default;
  };
  std::vector<Chunk> chunks;  // at most 31
  friend bool operator==(const SourceDescription&, const SourceDescription&) = default;
};
SourceDescription cname_of(std::uint32_t ssrc, std::string cname);

// RFC 3550 6.6
struct Bye {
  std::vector<std::uint32_t> sources;
  std::optional<std::string> reason;
  friend bool operator==(const Bye&, const Bye&) = default;
};

// RFC 3550 6.7
struct Application {
  std::uint8_t subtype = 0;
  std::uint32_t ssrc = 0;
  std::array<char, 4> name{};
  std::vector<std::uint8_t> data;  // whole words
  friend bool operator==(const Application&, const Application&) = default;
};

}  // namespace lucid::rtp::rtcp
