#include "rtp/rtcp/statistics.hpp"

#include <algorithm>

#include "rtp/ntp.hpp"

namespace lucid::rtp::rtcp {
namespace {

// RFC 3550 A.1
constexpr std::uint16_t most_dropout = 3000;
constexpr std::uint16_t most_misorder = 100;
constexpr std::uint32_t sequence_circle = 1 << 16;

constexpr unsigned reports_per_span = 8;  // of SenderClock: some tens of seconds

// Microseconds of an NTP time; its epoch does not matter here, only differences do.
std::int64_t microseconds(NtpTime ntp) {
  return std::int64_t{ntp.seconds()} * 1'000'000 +
         static_cast<std::int64_t>(std::uint64_t{ntp.fraction()} * 1'000'000 >> 32);
}

}  // namespace

void Reception::received(const Packet& packet, core::Time arrival) {
  if (!count_.begun) begin(packet.sequence());
  if (!update_sequence(packet.sequence())) return;
  bytes_ += packet.payload().size();
  header_bytes_ += packet.bytes().size() - packet.payload().size();
  if (packet.sequence() == count_.highest) update_jitter(packet.timestamp(), arrival);
  ++count_.received;
}

void Reception::begin(std::uint16_t sequence) {
  count_ = {.begun = true, .highest = sequence, .base = sequence, .bad = sequence_circle + 1};
  prior_ = {};
}

bool Reception::update_sequence(std::uint16_t sequence) {
  const auto ahead = static_cast<std::uint16_t>(sequence - count_.highest);
  if (ahead < most_dropout) {
    if (sequence < count_.highest) count_.cycles += sequence_circle;
    count_.highest = sequence;
    return true;
  }
  if (ahead > sequence_circle - most_misorder) return true;  // late or twice
  // RFC 3550 A.1: a very large jump is believed when the next packet goes on from there.
  if (sequence == count_.bad) {
    begin(sequence);
    ++restarts_;
    return true;
  }
  count_.bad = (sequence + 1U) & (sequence_circle - 1);
  return false;
}

void Reception::update_jitter(std::uint32_t timestamp, core::Time arrival) {
  // RFC 3550 A.8: differences of transit times, smoothed by a sixteenth, without floating point.
  // Packets of one frame have one timestamp but leave one after the other: the first counts.
  if (count_.received > 0 && timestamp == timestamp_) return;
  timestamp_ = timestamp;
  const auto arrival_ticks =
      static_cast<std::uint32_t>(duration_to_ticks(arrival.time_since_epoch(), clock_rate_));
  const std::uint32_t transit = arrival_ticks - timestamp;
  if (count_.received > 0) {
    const auto difference = static_cast<std::int32_t>(transit - transit_);
    const std::uint32_t size = static_cast<std::uint32_t>(std::abs(std::int64_t{difference}));
    jitter_ += size - ((jitter_ + 8) >> 4);
  }
  transit_ = transit;
}

void Reception::sender_report(const SenderReport& report, core::Time arrival) {
  last_sr_ = report;
  last_sr_arrival_ = arrival;
}

std::int64_t Reception::expected() const {
  return count_.begun ? std::int64_t{highest_sequence()} - count_.base + 1 : 0;
}

ReportBlock Reception::report(core::Time now) {
  // RFC 3550 A.3
  const std::int64_t expected_interval = expected() - prior_.expected;
  const std::int64_t lost_interval = expected_interval - (count_.received - prior_.received);
  const std::int64_t lost = expected() - count_.received;
  ReportBlock block;
  block.ssrc = ssrc_;
  if (expected_interval > 0 && lost_interval > 0) {
    block.fraction_lost = static_cast<std::uint8_t>(
        std::min<std::int64_t>(lost_interval * 256 / expected_interval, 255));
  }
  block.cumulative_lost =
      static_cast<std::int32_t>(std::clamp<std::int64_t>(lost, -0x800000, 0x7FFFFF));
  block.highest_sequence = highest_sequence();
  block.jitter = jitter_ >> 4;
  if (last_sr_) {
    block.last_sr = last_sr_->ntp.compact();
    block.delay_since_last_sr = to_compact_ntp(now - last_sr_arrival_);
  }
  prior_.expected = expected();
  prior_.received = count_.received;
  return block;
}

Reception::Stats Reception::stats() const {
  return {.packets = static_cast<std::uint64_t>(count_.received),
          .bytes = bytes_,
          .header_bytes = header_bytes_,
          .lost = expected() - count_.received,
          .jitter = ticks_to_duration(jitter_ >> 4, clock_rate_),
          .restarts = restarts_};
}

void Transmission::sent(std::uint32_t timestamp, std::size_t payload_size, core::Time capture) {
  if (capture != core::Time{}) {
    timestamp_ = timestamp;
    capture_ = capture;
  }
  ++stats_.packets;
  stats_.bytes += payload_size;
}

SenderReport Transmission::report(core::Time now, const core::WallClock& wall) const {
  // RFC 3550 6.4.1: the RTP timestamp of the same instant as the NTP one, whether or not a packet
  // carries it.
  SenderReport report;
  report.ssrc = ssrc_;
  report.ntp = NtpTime::at(now, wall);
  report.rtp_timestamp =
      timestamp_ + static_cast<std::uint32_t>(duration_to_ticks(now - capture_, clock_rate_));
  report.packet_count = static_cast<std::uint32_t>(stats_.packets);
  report.octet_count = static_cast<std::uint32_t>(stats_.bytes);
  return report;
}

std::optional<core::Duration> Transmission::reported(const ReportBlock& block, core::Time now,
                                                     const core::WallClock& wall) {
  stats_.remote = block;
  const auto measured =
      round_trip(NtpTime::at(now, wall), block.last_sr, block.delay_since_last_sr);
  if (measured) stats_.round_trip = measured;
  return measured;
}

std::optional<core::Duration> round_trip(NtpTime now, std::uint32_t last, std::uint32_t delay) {
  if (last == 0) return std::nullopt;
  const std::uint32_t elapsed = now.compact() - last - delay;
  // Clocks that tick at different rates can make a very short trip look negative.
  if (elapsed >= 0x80000000) return core::Duration{0};
  return from_compact_ntp(elapsed);
}

void SenderClock::sender_report(const SenderReport& report, core::Time arrival,
                                core::Duration round_trip) {
  if (!report.ntp.known()) return;
  report_ntp_ = report.ntp;
  report_timestamp_ = report.rtp_timestamp;
  const std::int64_t offset =
      arrival.time_since_epoch().count() - round_trip.count() / 2 - microseconds(report.ntp);
  const bool new_span = reports_ % reports_per_span == 0;
  if (reports_ == 0) {
    offset_ = offset;
  } else if (new_span) {
    offset_ = offset_coming_;
  }
  offset_coming_ = new_span ? offset : std::min(offset_coming_, offset);
  offset_ = std::min(offset_, offset);
  ++reports_;
}

std::optional<NtpTime> SenderClock::ntp(std::uint32_t timestamp, std::uint32_t clock_rate) const {
  if (!known()) return std::nullopt;
  const auto ticks = static_cast<std::int32_t>(timestamp - report_timestamp_);
  const double seconds = static_cast<double>(ticks) / clock_rate;
  return NtpTime{report_ntp_.value() +
                 static_cast<std::uint64_t>(static_cast<std::int64_t>(seconds * 4294967296.0))};
}

std::optional<core::Time> SenderClock::local(std::uint32_t timestamp,
                                             std::uint32_t clock_rate) const {
  const auto sender = ntp(timestamp, clock_rate);
  if (!sender) return std::nullopt;
  return core::Time{core::Duration{microseconds(*sender) + offset_}};
}

}  // namespace lucid::rtp::rtcp
