// Whatever happens to packets on the way, an ordered reliable channel delivers what was sent, in
// order. Each byte is a step: send, drop, duplicate, alter, let time pass, open, close, deliver.
#include <deque>

#include "core/check.hpp"
#include "sctp/data_channels.hpp"
using namespace lucid;
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{};
  sctp::DataChannels ends[2] = {{{}, {random, pool}}, {{}, {random, pool}}};
  std::deque<core::Buffer> wires[2];  // from ends[i]
  std::uint8_t sent = 0, received = 0;
  for (auto& end : ends) (void)(end.open({.negotiated = 7}, now) && end.connect(now));
  ends[1].set_role(sctp::Role::server, now);
  for (const std::uint8_t step : core::Bytes{data, std::min<std::size_t>(size, 4096)}) {
    const std::size_t from = step & 1, what = step & 14, much = step >> 4;
    const std::vector<std::uint8_t> message(1 + much * 700, sent);
    if (what == 0 && ends[0].send(sctp::ChannelId{0}, sctp::MessageKind::binary, message, now))
      ++sent;
    if (what == 2 && !wires[from].empty()) wires[from].pop_front();
    if (what == 4 && !wires[from].empty()) wires[from].push_back(pool.copy(wires[from].front()));
    if (what == 6 && !wires[from].empty()) wires[from].front().data()[step % 12U] ^= step;
    if (what == 8) now += std::chrono::milliseconds{step};
    if (what == 10) (void)ends[from].open({}, now);
    if (what == 12) ends[from].close(sctp::ChannelId{step}, now);
    for (; what == 14 && !wires[from].empty(); wires[from].pop_front())
      ends[1 - from].handle_datagram(wires[from].front(), now);
    for (std::size_t i = 0; i < 2; ++i) {
      if (ends[i].next_timeout() <= now) ends[i].handle_timeout(now);
      while (auto packet = ends[i].poll_transmit()) wires[i].push_back(std::move(*packet));
      while (auto event = ends[i].poll_event()) {
        const auto* got = std::get_if<sctp::DataChannels::Message>(&*event);
        core::check(got == nullptr || got->payload.data()[0] == received++);
      }
    }
  }
  return 0;
}
