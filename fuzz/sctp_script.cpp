// Whatever happens to packets on the way, an ordered reliable channel delivers what was sent, in
// order. Each byte is a step: send, deliver, drop, duplicate, alter, close and open, let time pass.
#include <deque>

#include "core/check.hpp"
#include "sctp/data_channels.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{std::chrono::hours{1}};
  sctp::DataChannels ends[2] = {{{}, {random, pool}}, {{}, {random, pool}}};
  std::deque<core::Buffer> wire[2];  // from ends[i]
  std::uint8_t sent = 0;
  std::uint8_t received = 0;
  ends[1].set_role(sctp::Role::server, now);
  const auto channel = ends[0].open({.negotiated = 7}, now);
  static_cast<void>(ends[1].open({.negotiated = 7}, now));
  for (auto& end : ends) static_cast<void>(end.connect(now));
  for (const std::uint8_t step : core::Bytes{data, std::min<std::size_t>(size, 4096)}) {
    const std::size_t from = step & 1;
    const std::vector<std::uint8_t> message(std::size_t{1} + (step >> 4) * 700U, sent);
    if ((step & 14) == 0 && ends[0].send(*channel, sctp::MessageKind::binary, message, now)) ++sent;
    if ((step & 14) == 2 && !wire[from].empty()) wire[from].pop_front();
    if ((step & 14) == 4 && !wire[from].empty())
      wire[from].push_back(pool.copy(wire[from].front()));
    if ((step & 14) == 6 && !wire[from].empty()) wire[from].front().data()[step % 12U] ^= step;
    if ((step & 14) == 8) now += std::chrono::milliseconds{step};
    if ((step & 14) == 10) static_cast<void>(ends[from].open({.label = "x"}, now));
    if ((step & 14) == 12) ends[from].close(sctp::ChannelId{step}, now);
    for (std::size_t i = 0; (step & 14) == 14 && i <= step >> 4 && !wire[from].empty(); ++i) {
      ends[1 - from].handle_datagram(wire[from].front(), now);
      wire[from].pop_front();
    }
    for (std::size_t i = 0; i < 2; ++i) {
      if (ends[i].next_timeout() <= now) ends[i].handle_timeout(now);
      while (auto packet = ends[i].poll_transmit()) wire[i].push_back(std::move(*packet));
      while (auto event = ends[i].poll_event()) {
        const auto* got = std::get_if<sctp::DataChannels::Message>(&*event);
        if (got != nullptr) core::check(got->payload.data()[0] == received++);
      }
    }
  }
  return 0;
}
