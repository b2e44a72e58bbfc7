#include "rtp/rtcp/session.hpp"

#include <algorithm>
#include <array>

#include "core/handle.hpp"

namespace lucid::rtp::rtcp {
namespace {

constexpr std::size_t most_blocks = 31;
constexpr std::size_t most_queued_feedback = 64;

// Who sends it: the first word of every feedback message.
void set_sender(Message& message, std::uint32_t ssrc) {
  std::visit(
      [ssrc](auto& m) {
        if constexpr (requires { m.sender_ssrc; }) m.sender_ssrc = ssrc;
      },
      message);
}

}  // namespace

Session::Session(Config config, core::Context context)
    : config_{std::move(config)},
      context_{context},
      scheduler_{config_.timing, context.random},
      receiver_ssrc_{context.random.u32()} {}

void Session::add_source(std::uint32_t ssrc, std::uint32_t clock_rate) {
  if (transmission(ssrc) != nullptr) return;
  sources_.emplace_back(ssrc, clock_rate);
  count_members();
}

void Session::add_remote(std::uint32_t ssrc, std::uint32_t clock_rate) {
  remotes_.try_emplace(ssrc, Remote{.reception = {ssrc, clock_rate}, .clock = {}, .cname = {}});
  count_members();
}

void Session::remove_remote(std::uint32_t ssrc) {
  remotes_.erase(ssrc);
  count_members();
}

void Session::remove_source(std::uint32_t ssrc, core::Time now) {
  const auto found = std::ranges::find(sources_, ssrc, &Transmission::ssrc);
  if (found == sources_.end()) return;
  const bool spoke = found->active();
  // RFC 3550 6.3.7: one who never sent anything leaves without a word.
  if (spoke && !closed_) {
    std::vector<std::uint8_t> room(config_.most_datagram);
    core::ByteWriter out{room};
    write_reports(out, now);
    write(Bye{{ssrc}, std::nullopt}, out);
    transmit(out.written());
  }
  sources_.erase(found);
  count_members();
}

void Session::close(std::string_view reason, core::Time now) {
  if (closed_) return;
  Bye bye{{}, std::nullopt};
  for (const Transmission& source : sources_) {
    if (source.active() && bye.sources.size() < most_blocks) bye.sources.push_back(source.ssrc());
  }
  if (!reason.empty()) bye.reason = std::string{reason.substr(0, 255)};
  if (!bye.sources.empty()) {
    std::vector<std::uint8_t> room(config_.most_datagram);
    core::ByteWriter out{room};
    write_reports(out, now);
    write(bye, out);
    transmit(out.written());
  }
  closed_ = true;
  scheduler_.stop();
}

void Session::packet_sent(std::uint32_t ssrc, std::uint32_t timestamp, std::size_t payload_size,
                          core::Time capture) {
  const auto found = std::ranges::find(sources_, ssrc, &Transmission::ssrc);
  if (found == sources_.end()) return;
  const bool first = !found->active();
  found->sent(timestamp, payload_size, capture);
  if (first) count_members();
}

void Session::packet_received(const Packet& packet, core::Time arrival) {
  const auto found = remotes_.find(packet.ssrc());
  if (found != remotes_.end()) found->second.reception.received(packet, arrival);
}

void Session::send_feedback(Message message, core::Time now) {
  if (closed_ || queues_.feedback.size() == most_queued_feedback) {
    ++stats_.dropped_feedback;
    return;
  }
  queues_.feedback.push_back(std::move(message));
  scheduler_.request_feedback(now);
}

void Session::handle_datagram(Datagram in, core::Time now) {
  if (closed_) return;
  auto messages = parse_compound(in);
  // RFC 3550 A.2, RFC 5506 3.4.2: what does not begin with a report is read all the same, as
  // browsers send reduced-size packets as soon as they offered them.
  if (!messages) {
    ++stats_.dropped_malformed;
    context_.tracer("rtcp").event(now, "dropped", {{"reason", to_string(messages.error())}});
    return;
  }
  ++stats_.received;
  scheduler_.received(in.size());
  for (Message& message : *messages) handle(message, now);
}

void Session::handle(Message& message, core::Time now) {
  std::visit(core::Overloaded{
                 [&](SenderReport& m) { handle(m, now); },
                 [&](ReceiverReport& m) { handle(m.blocks, now); },
                 [&](ExtendedReport& m) { handle(m, now); },
                 [&](Bye& m) { handle(m); },
                 [&](SourceDescription& m) { handle(m); },
                 [&](auto& m) { queues_.events.emplace_back(Received{std::move(m)}); },
             },
             message);
}

void Session::handle(const SenderReport& report, core::Time now) {
  handle(report.blocks, now);
  const auto found = remotes_.find(report.ssrc);
  if (found == remotes_.end()) return;
  found->second.reception.sender_report(report, now);
  found->second.clock.sender_report(report, now, stats_.round_trip.value_or(core::Duration{0}));
  queues_.events.emplace_back(SenderReported{report.ssrc});
}

void Session::handle(const std::vector<ReportBlock>& blocks, core::Time now) {
  for (const ReportBlock& block : blocks) {
    const auto found = std::ranges::find(sources_, block.ssrc, &Transmission::ssrc);
    if (found == sources_.end()) continue;
    const auto measured = found->reported(block, now, config_.wall);
    if (measured) stats_.round_trip = measured;
    queues_.events.emplace_back(Reported{block, measured});
  }
}

void Session::handle(const ExtendedReport& report, core::Time now) {
  for (const ExtendedBlock& block : report.blocks) {
    if (const auto* reference = std::get_if<ReceiverReferenceTime>(&block)) {
      auto& references = queues_.references;
      std::erase_if(references, [&](const Reference& r) { return r.ssrc == report.ssrc; });
      if (references.size() == most_blocks) continue;
      references.push_back({report.ssrc, reference->ntp.compact(), now});
    } else if (const auto* answers = std::get_if<DelaySinceLastReceiverReport>(&block)) {
      for (const auto& item : answers->items) {
        if (item.ssrc != own_ssrc()) continue;
        const NtpTime ntp = NtpTime::at(now, config_.wall);
        if (const auto trip = round_trip(ntp, item.last_rr, item.delay)) stats_.round_trip = trip;
      }
    }
  }
}

void Session::handle(const Bye& bye) {
  for (const std::uint32_t ssrc : bye.sources) {
    queues_.events.emplace_back(Left{ssrc, bye.reason.value_or("")});
  }
}

void Session::handle(const SourceDescription& description) {
  for (const auto& chunk : description.chunks) {
    const auto found = remotes_.find(chunk.ssrc);
    if (found == remotes_.end()) continue;
    for (const auto& item : chunk.items) {
      if (item.type == SdesType::cname) found->second.cname = item.text;
    }
  }
}

void Session::handle_timeout(core::Time now) {
  if (closed_) return;
  const Scheduler::Due due = scheduler_.handle_timeout(now);
  if (due != Scheduler::Due::nothing) send(due, now);
}

void Session::send(Scheduler::Due due, core::Time now) {
  std::vector<std::uint8_t> room(config_.most_datagram);
  core::ByteWriter out{room};
  // RFC 5506 3.4.1: reduced size leaves the reports out of early feedback; RFC 4585 3.1: otherwise
  // it follows a report and the CNAME.
  if (due == Scheduler::Due::regular || !config_.reduced_size) write_reports(out, now);
  if (due == Scheduler::Due::regular) write_extended(out, now);
  write_feedback(out);
  scheduler_.sent(due, out.size(), now);
  if (out.size() > 0) transmit(out.written());
  if (!queues_.feedback.empty()) scheduler_.request_feedback(now);
}

std::vector<ReportBlock> Session::take_report_blocks(core::Time now) {
  // RFC 3550 6.1: when there are more than fit, each report takes the next ones in turn.
  std::vector<ReportBlock> blocks;
  auto remote = remotes_.lower_bound(turn_.remote);
  for (std::size_t seen = 0; seen < remotes_.size() && blocks.size() < most_blocks; ++seen) {
    if (remote == remotes_.end()) remote = remotes_.begin();
    Reception& reception = remote->second.reception;
    if (reception.active()) blocks.push_back(reception.report(now));
    ++remote;
  }
  turn_.remote = remote == remotes_.end() ? 0 : remote->first;
  return blocks;
}

void Session::write_reports(core::ByteWriter& out, core::Time now) {
  std::vector<ReportBlock> blocks = take_report_blocks(now);
  SourceDescription description;
  // Room for feedback or farewell behind them. RFC 3550 6.1: each is described in the same
  // datagram.
  const std::size_t end = config_.most_datagram - config_.most_datagram / 4;
  for (std::size_t i = 0; i < sources_.size() && description.chunks.size() < most_blocks; ++i) {
    const Transmission& source = sources_[turn_.source % sources_.size()];
    if (source.active()) {
      SenderReport report = source.report(now, config_.wall);
      report.blocks = std::exchange(blocks, {});
      description.chunks.push_back(cname_of(source.ssrc(), config_.cname).chunks[0]);
      const bool fits = out.size() + size_of(report) + size_of(description) <= end;
      if (!fits && description.chunks.size() > 1) {
        description.chunks.pop_back();
        break;
      }
      write(report, out);
    }
    ++turn_.source;
  }
  if (description.chunks.empty()) {
    write(ReceiverReport{own_ssrc(), std::move(blocks), {}}, out);
    description = cname_of(own_ssrc(), config_.cname);
  }
  write(description, out);
}

void Session::write_extended(core::ByteWriter& out, core::Time now) {
  ExtendedReport report{own_ssrc(), {}};
  const bool sends = std::ranges::any_of(sources_, &Transmission::active);
  if (config_.reference_time && !sends) {
    report.blocks.emplace_back(ReceiverReferenceTime{NtpTime::at(now, config_.wall)});
  }
  DelaySinceLastReceiverReport answers;
  for (const Reference& reference : queues_.references) {
    answers.items.push_back(
        {reference.ssrc, reference.last_rr, to_compact_ntp(now - reference.arrival)});
  }
  queues_.references.clear();
  if (!answers.items.empty()) report.blocks.emplace_back(std::move(answers));
  if (!report.blocks.empty()) write(report, out);
}

void Session::write_feedback(core::ByteWriter& out) {
  while (!queues_.feedback.empty()) {
    Message& message = queues_.feedback.front();
    set_sender(message, own_ssrc());
    if (!write(message, out)) {
      // It goes with the next datagram, unless no datagram could ever hold it.
      if (out.size() > 0 && size_of(message) <= config_.most_datagram / 2) return;
      ++stats_.dropped_feedback;
    }
    queues_.feedback.pop_front();
  }
}

void Session::transmit(core::Bytes bytes) {
  ++stats_.sent;
  queues_.transmits.push_back(context_.pool.copy(bytes));
}

void Session::count_members() {
  const auto sending =
      static_cast<unsigned>(std::ranges::count_if(sources_, &Transmission::active));
  const auto remotes = static_cast<unsigned>(remotes_.size());
  // Each end is one participant however many sources it has: they share its bandwidth.
  scheduler_.members(remotes > 0 || sending > 0 ? 2 : 1,
                     (sending > 0 ? 1U : 0U) + (remotes > 0 ? 1U : 0U), sending > 0);
}

std::uint32_t Session::own_ssrc() const {
  const auto active = std::ranges::find_if(sources_, &Transmission::active);
  if (active != sources_.end()) return active->ssrc();
  return sources_.empty() ? receiver_ssrc_ : sources_.front().ssrc();
}

std::optional<Session::Transmit> Session::poll_transmit() {
  if (queues_.transmits.empty()) return std::nullopt;
  Transmit transmit = std::move(queues_.transmits.front());
  queues_.transmits.pop_front();
  return transmit;
}

std::optional<Session::Event> Session::poll_event() {
  if (queues_.events.empty()) return std::nullopt;
  Event event = std::move(queues_.events.front());
  queues_.events.pop_front();
  return event;
}

const Transmission* Session::transmission(std::uint32_t ssrc) const {
  const auto found = std::ranges::find(sources_, ssrc, &Transmission::ssrc);
  return found == sources_.end() ? nullptr : &*found;
}

const Reception* Session::reception(std::uint32_t ssrc) const {
  const auto found = remotes_.find(ssrc);
  return found == remotes_.end() ? nullptr : &found->second.reception;
}

const SenderClock* Session::sender_clock(std::uint32_t ssrc) const {
  const auto found = remotes_.find(ssrc);
  return found == remotes_.end() ? nullptr : &found->second.clock;
}

// RFC 3550 6.5.1: sources of one CNAME share a clock, so what a report took on its way must not
// move one of them against the other: the fastest report of any of them counts for all.
std::optional<core::Time> Session::captured(std::uint32_t ssrc, std::uint32_t timestamp,
                                            std::uint32_t clock_rate) const {
  const auto found = remotes_.find(ssrc);
  if (found == remotes_.end() || !found->second.clock.known()) return std::nullopt;
  const Remote& remote = found->second;
  std::int64_t offset = remote.clock.offset();
  for (const auto& [other, each] : remotes_) {
    const bool together = !remote.cname.empty() && each.cname == remote.cname;
    if (together && each.clock.known()) offset = std::min(offset, each.clock.offset());
  }
  const auto local = remote.clock.local(timestamp, clock_rate);
  return *local + core::Duration{offset - remote.clock.offset()};
}

}  // namespace lucid::rtp::rtcp
