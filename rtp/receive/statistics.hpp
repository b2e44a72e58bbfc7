#pragma once
#include <cstdint>
#include <optional>

#include "core/serial.hpp"
#include "core/time.hpp"
#include "rtp/packet.hpp"
#include "rtp/rtcp/report.hpp"

namespace lucid::rtp {

// What is counted of one incoming stream, and the report block made of it (RFC 3550 6.4.1, A.3,
// A.8).
class ReceiveStatistics {
 public:
  ReceiveStatistics(std::uint32_t ssrc, std::uint32_t clock_rate)
      : ssrc_{ssrc}, clock_rate_{clock_rate} {}

  // A packet of the stream itself; what came by RTX does not count here (RFC 4588 6.1).
  void received(const Packet& packet, core::Time now);
  void sender_report(const rtcp::SenderReport& report, core::Time now);
  // The block for the next report; fraction_lost begins anew with it.
  rtcp::ReportBlock report(core::Time now);

  std::uint64_t packets() const { return received_; }
  std::uint64_t payload_bytes() const { return payload_bytes_; }
  std::uint64_t header_bytes() const { return header_bytes_; }
  std::int64_t lost() const { return expected() - static_cast<std::int64_t>(received_); }
  core::Duration jitter() const;
  const std::optional<rtcp::SenderReport>& last_sender_report() const { return last_report_; }

 private:
  std::int64_t expected() const { return first_ ? highest_ - *first_ + 1 : 0; }

  std::uint32_t ssrc_;
  std::uint32_t clock_rate_;
  core::Unwrapper<std::uint16_t> unwrap_;
  std::optional<std::int64_t> first_;
  std::int64_t highest_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t payload_bytes_ = 0;
  std::uint64_t header_bytes_ = 0;
  double jitter_ = 0;  // in clock ticks
  std::optional<std::int64_t> last_transit_;
  std::uint32_t last_timestamp_ = 0;
  std::int64_t expected_before_ = 0;
  std::uint64_t received_before_ = 0;
  std::optional<rtcp::SenderReport> last_report_;
  core::Time last_report_at_{};
};

}  // namespace lucid::rtp
