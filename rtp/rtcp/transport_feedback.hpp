#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/effects.hpp"
#include "core/time.hpp"

// What congestion control lives on: reports of each packet's arrival.
namespace lucid::rtp::rtcp {

// transport-wide-cc 01, 3.1: FMT 15 of 205. Chunks and deltas are kept as they stand on the wire,
// so that any sender's choice of chunks is rebuilt to the byte.
//
//  |      base sequence number     |      packet status count      |
//  |                 reference time                | fb pkt. count |
//  |          packet chunk         |  ...          | recv delta .. |
struct TransportFeedback {
  static constexpr core::Duration delta_tick{250};
  static constexpr core::Duration reference_tick{64000};

  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::uint16_t base_sequence = 0;
  std::uint16_t status_count = 0;
  std::int32_t reference_time = 0;  // 24 bits, in reference_ticks
  std::uint8_t feedback_count = 0;
  bool has_timestamps = true;  // transport-wide-cc 02 may leave the deltas out
  bool padding_bit = true;     // whether the fill to a full word is announced as padding
  std::vector<std::uint16_t> chunks;
  std::vector<std::int16_t> deltas;  // of the packets that came, in delta_ticks

  struct Result {
    std::uint16_t sequence = 0;
    bool received = false;
    core::Duration arrival{};  // by the receiver's clock, modulo 2^24 reference ticks
  };
  // What the chunks say of each packet: 0 lost, 1 and 2 a delta of that many bytes, 3 none.
  std::vector<std::uint8_t> symbols() const;
  // One entry for each packet reported on; empty when chunks and deltas do not match.
  std::vector<Result> results() const;
  friend bool operator==(const TransportFeedback&, const TransportFeedback&) = default;
};

// Collects arrivals into one message. Numbers rise; those left out are reported as lost.
class TransportFeedbackBuilder {
 public:
  TransportFeedbackBuilder(std::uint16_t base_sequence, core::Time first_arrival,
                           std::uint8_t feedback_count, bool timestamps = true);
  // False when this packet does not fit: its delta is beyond 16 bits, it lies before the previous
  // one, or the message is full. A new message then begins with it.
  bool add(std::uint16_t sequence, core::Time arrival);
  TransportFeedback build(std::uint32_t sender_ssrc, std::uint32_t media_ssrc) const;

 private:
  TransportFeedback message_;
  std::vector<std::uint8_t> symbols_;
  core::Time last_arrival_;
};

// RFC 8888 3.1: FMT 11 of 205.
//
//  |                   SSRC of nth RTP Stream                      |
//  |          begin_seq            |          num_reports          |
//  |R|ECN|  arrival time offset    | ...                           |
//  |                        report timestamp                       |
struct CongestionFeedback {
  struct Report {
    bool received = false;
    core::Ecn ecn = core::Ecn::not_ect;
    // Before the report timestamp, in 1/1024 s; 0x1FFE: longer ago than that, 0x1FFF: after it.
    std::uint16_t arrival_offset = 0;
    friend bool operator==(const Report&, const Report&) = default;
  };
  struct Stream {
    std::uint32_t ssrc = 0;
    std::uint16_t begin_sequence = 0;
    std::vector<Report> reports;  // at most 16384
    friend bool operator==(const Stream&, const Stream&) = default;
  };
  std::uint32_t sender_ssrc = 0;
  std::vector<Stream> streams;
  std::uint32_t report_timestamp = 0;  // compact NTP
  friend bool operator==(const CongestionFeedback&, const CongestionFeedback&) = default;
};

}  // namespace lucid::rtp::rtcp
