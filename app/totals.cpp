#include "app/totals.hpp"

#include <algorithm>
#include <cmath>

namespace lucid::app {

namespace {

std::uint64_t count_of(const peer::Stats& stats, std::string_view name) {
  const auto* value = stats.find(name);
  const auto* count = value == nullptr ? nullptr : std::get_if<std::uint64_t>(value);
  return count == nullptr ? 0 : *count;
}

std::int64_t signed_of(const peer::Stats& stats, std::string_view name) {
  const auto* value = stats.find(name);
  if (value == nullptr) return 0;
  if (const auto* count = std::get_if<std::int64_t>(value)) return *count;
  return static_cast<std::int64_t>(count_of(stats, name));
}

std::string text_of(const peer::Stats& stats, std::string_view name) {
  const auto* value = stats.find(name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string{} : *text;
}

std::string address_of(const peer::Stats& candidate) {
  const std::string ip = text_of(candidate, "address");
  const std::string port = std::to_string(signed_of(candidate, "port"));
  return ip.find(':') == std::string::npos ? ip + ":" + port : "[" + ip + "]:" + port;
}

}  // namespace

void Totals::add(const Totals& other) {
  frames_sent += other.frames_sent;
  frames_received += other.frames_received;
  frames_decoded += other.frames_decoded;
  freeze_count += other.freeze_count;
  packets_sent += other.packets_sent;
  packets_received += other.packets_received;
  packets_lost += other.packets_lost;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
}

Totals Counted::add(const Totals& now) {
  const auto count = [](auto& last, auto& gone, auto value) {
    if (value < last) gone += last;
    last = value;
  };
  count(last_.frames_sent, gone_.frames_sent, now.frames_sent);
  count(last_.frames_received, gone_.frames_received, now.frames_received);
  count(last_.frames_decoded, gone_.frames_decoded, now.frames_decoded);
  count(last_.freeze_count, gone_.freeze_count, now.freeze_count);
  count(last_.packets_sent, gone_.packets_sent, now.packets_sent);
  count(last_.packets_received, gone_.packets_received, now.packets_received);
  last_.packets_lost = now.packets_lost;  // goes down by itself, when a late packet comes
  count(last_.bytes_sent, gone_.bytes_sent, now.bytes_sent);
  count(last_.bytes_received, gone_.bytes_received, now.bytes_received);
  Totals sum = now;
  sum.add(gone_);
  return sum;
}

json Totals::to_json() const {
  return {{"framesSent", frames_sent},       {"framesReceived", frames_received},
          {"framesDecoded", frames_decoded}, {"freezeCount", freeze_count},
          {"packetsSent", packets_sent},     {"packetsReceived", packets_received},
          {"packetsLost", packets_lost},     {"bytesSent", bytes_sent},
          {"bytesReceived", bytes_received}};
}

Totals totals_of(const peer::StatsReport& report, const media::VideoReceivePipeline::Stats& video) {
  Totals totals{.frames_decoded = video.decoded, .freeze_count = video.freezes};
  for (const peer::Stats* stats : report.of_type("inbound-rtp")) {
    totals.frames_received += count_of(*stats, "framesReceived");
    totals.packets_received += count_of(*stats, "packetsReceived");
    totals.packets_lost += signed_of(*stats, "packetsLost");
    totals.bytes_received += count_of(*stats, "bytesReceived");
  }
  for (const peer::Stats* stats : report.of_type("outbound-rtp")) {
    totals.frames_sent += count_of(*stats, "framesSent");
    totals.packets_sent += count_of(*stats, "packetsSent");
    totals.bytes_sent += count_of(*stats, "bytesSent");
  }
  return totals;
}

std::optional<PairInUse> pair_in_use(const peer::StatsReport& report) {
  for (const peer::Stats* transport : report.of_type("transport")) {
    const peer::Stats* pair = report.find(text_of(*transport, "selectedCandidatePairId"));
    if (pair == nullptr) continue;
    const peer::Stats* local = report.find(text_of(*pair, "localCandidateId"));
    const peer::Stats* remote = report.find(text_of(*pair, "remoteCandidateId"));
    if (local == nullptr || remote == nullptr) continue;
    PairInUse out{address_of(*local),
                  address_of(*remote),
                  text_of(*local, "candidateType"),
                  text_of(*remote, "candidateType"),
                  text_of(*local, "protocol"),
                  {}};
    const auto* round_trip = pair->find("currentRoundTripTime");
    if (round_trip != nullptr && std::holds_alternative<double>(*round_trip)) {
      out.round_trip = std::get<double>(*round_trip);
    }
    return out;
  }
  return std::nullopt;
}

Rates Meter::measure(const Totals& now, core::Time at) {
  Rates rates;
  if (at_ && at > *at_) {
    const double seconds = static_cast<double>((at - *at_).count()) / 1e6;
    const auto a_second = [&](std::uint64_t after, std::uint64_t before) {
      return after > before ? static_cast<double>(after - before) / seconds : 0.0;
    };
    rates.bits_in = 8 * a_second(now.bytes_received, before_.bytes_received);
    rates.bits_out = 8 * a_second(now.bytes_sent, before_.bytes_sent);
    rates.frames_in = a_second(now.frames_decoded, before_.frames_decoded);
    rates.frames_out = a_second(now.frames_sent, before_.frames_sent);
    const auto lost =
        static_cast<double>(std::max<std::int64_t>(0, now.packets_lost - before_.packets_lost));
    const auto received = static_cast<double>(now.packets_received - before_.packets_received);
    if (lost + received > 0) rates.lost = lost / (lost + received);
  }
  at_ = at;
  before_ = now;
  return rates;
}

json Phases::to_json() const {
  const auto milliseconds = [](core::Duration duration) {
    return std::round(static_cast<double>(duration.count()) / 100) / 10;
  };
  json out = json::object();
  core::Time last = began;
  const auto phase = [&](const char* name, const std::optional<core::Time>& at) {
    if (!at) return;
    out[name] = milliseconds(std::max(*at, last) - last);
    last = std::max(*at, last);
  };
  phase("signaling", agreed);
  phase("ice", ice);
  phase("dtls", connected);
  phase("media", media);
  if (connected) out["connected"] = milliseconds(*connected - began);
  if (!out.empty()) out["total"] = milliseconds(last - began);
  return out;
}

}  // namespace lucid::app
