#pragma once
#include <cstdint>
#include <optional>

#include "core/time.hpp"
#include "rtp/packet.hpp"
#include "rtp/rtcp/report.hpp"

// What each end knows about a stream, and what its reports say of it.
namespace lucid::rtp::rtcp {

// One incoming stream (RFC 3550 A.1, A.3, A.8).
// Deviation from RFC 3550 A.1: no probation; in WebRTC the sources are known by signaling.
class Reception {
 public:
  struct Stats {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  // of payloads
    std::uint64_t header_bytes = 0;
    std::int64_t lost = 0;  // negative with duplicates
    core::Duration jitter{};
    std::uint64_t restarts = 0;  // the sequence began anew elsewhere
  };

  Reception() = default;
  Reception(std::uint32_t ssrc, std::uint32_t clock_rate) : ssrc_{ssrc}, clock_rate_{clock_rate} {}

  void received(const Packet& packet, core::Time arrival);
  void sender_report(const SenderReport& report, core::Time arrival);

  // Whether a packet came since the last report block: RFC 3550 6.4 reports on no others.
  bool active() const { return count_.received != prior_.received; }
  // Begins a new interval for the fraction lost.
  ReportBlock report(core::Time now);

  std::uint32_t ssrc() const { return ssrc_; }
  std::uint32_t clock_rate() const { return clock_rate_; }
  std::uint32_t highest_sequence() const { return count_.cycles + count_.highest; }
  Stats stats() const;
  const std::optional<SenderReport>& last_sender_report() const { return last_sr_; }

 private:
  bool update_sequence(std::uint16_t sequence);
  void begin(std::uint16_t sequence);
  void update_jitter(std::uint32_t timestamp, core::Time arrival);
  std::int64_t expected() const;

  struct Count {
    bool begun = false;
    std::uint16_t highest = 0;
    std::uint32_t cycles = 0;
    std::uint32_t base = 0;
    std::uint32_t bad = 0;  // the sequence number that would prove a restart
    std::int64_t received = 0;
  };
  struct Prior {  // at the last report
    std::int64_t received = 0;
    std::int64_t expected = 0;
  };

  std::uint32_t ssrc_ = 0;
  std::uint32_t clock_rate_ = 90'000;
  Count count_;
  Prior prior_;
  std::uint32_t transit_ = 0;
  std::uint32_t timestamp_ = 0;
  std::uint32_t jitter_ = 0;  // sixteen times the jitter
  std::uint64_t bytes_ = 0;
  std::uint64_t header_bytes_ = 0;
  std::uint64_t restarts_ = 0;
  std::optional<SenderReport> last_sr_;
  core::Time last_sr_arrival_{};
};

// One outgoing stream (RFC 3550 6.4.1).
class Transmission {
 public:
  struct Stats {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;            // of payloads, without padding
    std::optional<ReportBlock> remote;  // the last that the other side said
    std::optional<core::Duration> round_trip;
  };

  Transmission() = default;
  Transmission(std::uint32_t ssrc, std::uint32_t clock_rate)
      : ssrc_{ssrc}, clock_rate_{clock_rate} {}

  // `capture` is when the sound or picture with this timestamp was taken: reports tie the two. Zero
  // for a packet that only repeats one.
  void sent(std::uint32_t timestamp, std::size_t payload_size, core::Time capture);
  bool active() const { return stats_.packets > 0; }
  SenderReport report(core::Time now, const core::WallClock& wall) const;
  // What came back; gives the round trip if the block tells it.
  std::optional<core::Duration> reported(const ReportBlock& block, core::Time now,
                                         const core::WallClock& wall);

  std::uint32_t ssrc() const { return ssrc_; }
  std::uint32_t clock_rate() const { return clock_rate_; }
  const Stats& stats() const { return stats_; }

 private:
  std::uint32_t ssrc_ = 0;
  std::uint32_t clock_rate_ = 90'000;
  std::uint32_t timestamp_ = 0;
  core::Time capture_{};
  Stats stats_;
};

// RFC 3550 6.4.1: A - LSR - DLSR, in compact NTP; nullopt when the other end had no report yet.
std::optional<core::Duration> round_trip(NtpTime now, std::uint32_t last, std::uint32_t delay);

// Ties a sender's RTP timestamps to its wall clock and to ours, by its reports. Streams of one
// CNAME share the sender's clock: that is what makes lips move with the voice.
class SenderClock {
 public:
  void sender_report(const SenderReport& report, core::Time arrival, core::Duration round_trip);
  bool known() const { return report_ntp_.known(); }
  // By the sender's wall clock.
  std::optional<NtpTime> ntp(std::uint32_t timestamp, std::uint32_t clock_rate) const;
  // In our own time: by the report that travelled fastest.
  std::optional<core::Time> local(std::uint32_t timestamp, std::uint32_t clock_rate) const;
  // Our time less the sender's, in microseconds.
  std::int64_t offset() const { return offset_; }

 private:
  NtpTime report_ntp_;
  std::uint32_t report_timestamp_ = 0;
  // The least of (arrival - sender's time) of the last two spans of reports, so that drift is
  // followed.
  std::int64_t offset_ = 0;
  std::int64_t offset_coming_ = 0;
  unsigned reports_ = 0;
};

}  // namespace lucid::rtp::rtcp
