#include "rtp/receive/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "rtp/ntp.hpp"

namespace lucid::rtp {

void ReceiveStatistics::received(const Packet& packet, core::Time now) {
  const std::int64_t number = unwrap_.unwrap(packet.sequence());
  if (!first_) {
    first_ = number;
    highest_ = number;
  }
  first_ = std::min(*first_, number);
  ++received_;
  payload_bytes_ += packet.payload().size();
  header_bytes_ += packet.bytes().size() - packet.payload().size();
  // RFC 3550 A.8: how differently two packets travelled. Packets of one frame have one timestamp
  // but leave one after the other, so only the first of each counts.
  const bool newest = number >= highest_;
  highest_ = std::max(highest_, number);
  if (!newest || (last_transit_ && packet.timestamp() == last_timestamp_)) return;
  const std::int64_t arrival = duration_to_ticks(now.time_since_epoch(), clock_rate_);
  const std::int64_t transit = arrival - static_cast<std::int64_t>(packet.timestamp());
  if (last_transit_) {
    const auto difference =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(transit - *last_transit_));
    jitter_ += (std::abs(static_cast<double>(difference)) - jitter_) / 16;
  }
  last_transit_ = transit;
  last_timestamp_ = packet.timestamp();
}

void ReceiveStatistics::sender_report(const rtcp::SenderReport& report, core::Time now) {
  last_report_ = report;
  last_report_at_ = now;
}

rtcp::ReportBlock ReceiveStatistics::report(core::Time now) {
  rtcp::ReportBlock block;
  block.ssrc = ssrc_;
  // RFC 3550 A.3: lost of those expected since the last report; negative where duplicates came.
  const std::int64_t expected_now = expected() - expected_before_;
  const std::int64_t received_now = static_cast<std::int64_t>(received_ - received_before_);
  const std::int64_t lost_now = expected_now - received_now;
  if (expected_now > 0 && lost_now > 0) {
    block.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_now * 256 / expected_now));
  }
  expected_before_ = expected();
  received_before_ = received_;
  block.cumulative_lost =
      static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7FFFFF));
  block.highest_sequence = static_cast<std::uint32_t>(highest_);
  block.jitter = static_cast<std::uint32_t>(jitter_);
  if (last_report_) {
    block.last_sr = last_report_->ntp.compact();
    block.delay_since_last_sr = to_compact_ntp(now - last_report_at_);
  }
  return block;
}

core::Duration ReceiveStatistics::jitter() const {
  return ticks_to_duration(static_cast<std::int64_t>(jitter_), clock_rate_);
}

}  // namespace lucid::rtp
