#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "rtp/rtcp/packet.hpp"
#include "rtp/rtcp/scheduler.hpp"
#include "rtp/rtcp/statistics.hpp"

namespace lucid::rtp::rtcp {

// The RTCP of one transport, both ways: reports on time, feedback without delay, statistics of
// every stream. Datagrams are plain RTCP, as SRTCP takes them off and puts them on.
//
// Deviation from RFC 8108 5.2: of several own sources the first reports for all (as if RFC 8861 had
// been negotiated); browsers neither ask for more nor send it.
class Session {
 public:
  struct Config {
    std::string cname;  // RFC 7022: the same for all streams that play in step
    core::WallClock wall;
    bool reduced_size = false;   // RFC 5506, a=rtcp-rsize
    bool reference_time = true;  // RFC 3611 4.4, a=rtcp-xr:rcvr-rtt
    Scheduler::Config timing;
    std::size_t most_datagram = 1200;
  };
  using Datagram = core::Bytes;
  using Transmit = core::Buffer;

  // A message that asks something of us, to be read with std::visit or std::get_if: Nack,
  // PictureLoss, FullIntraRequest, TransportFeedback, CongestionFeedback, Remb, BitrateRequest, and
  // so on.
  struct Received {
    Message message;
  };
  struct SenderReported {  // the clock of this remote source is known better now
    std::uint32_t ssrc = 0;
  };
  struct Reported {  // the other end told how one of our sources comes through
    ReportBlock block;
    std::optional<core::Duration> round_trip;
  };
  struct Left {  // RFC 3550 6.6
    std::uint32_t ssrc = 0;
    std::string reason;
  };
  using Event = std::variant<Received, SenderReported, Reported, Left>;
  struct Stats {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t dropped_malformed = 0;
    std::uint64_t dropped_feedback = 0;  // did not fit, or nothing may be sent
    std::optional<core::Duration> round_trip;
  };

  Session(Config config, core::Context context);

  void start(core::Time now) { scheduler_.start(now); }
  void add_source(std::uint32_t ssrc, std::uint32_t clock_rate);
  void remove_source(std::uint32_t ssrc, core::Time now);  // says BYE
  void add_remote(std::uint32_t ssrc, std::uint32_t clock_rate);
  void remove_remote(std::uint32_t ssrc);
  // BYE for all, and silence from then on.
  void close(std::string_view reason, core::Time now);

  void packet_sent(std::uint32_t ssrc, std::uint32_t timestamp, std::size_t payload_size,
                   core::Time capture);
  void packet_received(const Packet& packet, core::Time arrival);
  // Leaves as soon as the rules allow; its sender_ssrc is filled in.
  void send_feedback(Message message, core::Time now);

  void handle_datagram(Datagram in, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const { return scheduler_.next_timeout(); }

  // Null for sources that were not added.
  const Transmission* transmission(std::uint32_t ssrc) const;
  const Reception* reception(std::uint32_t ssrc) const;
  const SenderClock* sender_clock(std::uint32_t ssrc) const;
  // When what carries this timestamp was captured, in our own time: the same measure for all
  // sources of one CNAME, so that they can be played in step. Nullopt before the first report.
  std::optional<core::Time> captured(std::uint32_t ssrc, std::uint32_t timestamp,
                                     std::uint32_t clock_rate) const;
  const Stats& stats() const { return stats_; }

 private:
  struct Remote {
    Reception reception;
    SenderClock clock;
    std::string cname;
  };
  // RFC 3611 4.4: a reference time to be answered in our next report.
  struct Reference {
    std::uint32_t ssrc = 0;
    std::uint32_t last_rr = 0;
    core::Time arrival{};
  };

  void handle(const SenderReport& report, core::Time now);
  void handle(const std::vector<ReportBlock>& blocks, core::Time now);
  void handle(const ExtendedReport& report, core::Time now);
  void handle(const Bye& bye);
  void handle(const SourceDescription& description);
  void handle(Message& message, core::Time now);

  void count_members();
  std::uint32_t own_ssrc() const;
  void send(Scheduler::Due due, core::Time now);
  std::vector<ReportBlock> take_report_blocks(core::Time now);
  void write_reports(core::ByteWriter& out, core::Time now);
  void write_extended(core::ByteWriter& out, core::Time now);
  void write_feedback(core::ByteWriter& out);
  void transmit(core::Bytes bytes);

  // Whose turn it is where one datagram does not hold all.
  struct Turn {
    std::size_t source = 0;
    std::uint32_t remote = 0;
  };
  struct Queues {
    std::deque<Message> feedback;
    std::vector<Reference> references;
    std::deque<Transmit> transmits;
    std::deque<Event> events;
  };

  Config config_;
  core::Context context_;
  Scheduler scheduler_;
  std::uint32_t receiver_ssrc_;
  std::vector<Transmission> sources_;
  std::map<std::uint32_t, Remote> remotes_;
  Queues queues_;
  Stats stats_;
  Turn turn_;
  bool closed_ = false;
};

static_assert(core::Machine<Session>);

}  // namespace lucid::rtp::rtcp
