#pragma once
#include <cstdint>
#include <map>
#include <optional>

#include "ice/turn_requests.hpp"

namespace lucid::ice {

// Those whom one allocation exchanges packets with: what their addresses are permitted (RFC 8656
// 9), which of them have a channel (RFC 8656 12). Both are asked for when first needed and renewed
// while they are in use.
//
//   none --first packet--> asked --success--> granted --4 min, in use--> renewing --> granted
//                            |                   +------4 min, unused--> none
//                            +--error--> refused --1 min--> none
class TurnPeers {
 public:
  TurnPeers(TurnRequests& requests, TurnLink& link) : requests_{requests}, link_{link} {}

  enum class Sent : std::uint8_t { yes, refused, too_many_peers };
  Sent send(const core::Address& peer, core::Buffer data, core::Time now);
  // From now on four bytes a packet in place of 36: for what carries more than a few.
  void bind_channel(const core::Address& peer, core::Time now);

  struct Packet {
    core::Address peer;
    core::Buffer data;
  };
  // ChannelData. None when the server has no such channel.
  std::optional<Packet> from_channel(core::Buffer bytes, core::Time now) const;
  // Whether packets of this peer may come: the server lets none else through.
  bool expects(const core::Ip& peer) const;

  void granted(const TurnRequest& request, core::Time now);
  void refused(const TurnRequest& request, core::Time now);
  void unanswered(const TurnRequest& request);
  void handle_timeout(core::Time now);
  std::optional<core::Time> next_timeout() const;

  static constexpr std::size_t limit = 256;

 private:
  enum class State : std::uint8_t { none, asked, granted, renewing, refused };
  struct Grant {
    State state = State::none;
    core::Time until{};  // granted: when to renew; refused: when to try again
    bool used = false;   // since it was granted
    core::Buffer first;  // asked: the packet that went with the request

    bool works() const { return state == State::granted || state == State::renewing; }
    bool wanted() const { return works() || state == State::asked; }
  };
  struct Channel {
    std::uint16_t number = 0;
    Grant grant;
    core::Time bound_until{};  // at the server, whether we use it or not
  };

  void ask(stun::Method method, const core::Address& peer, Grant& grant, core::Time now);
  Grant* grant_of(const TurnRequest& request);

  TurnRequests& requests_;
  TurnLink& link_;
  std::map<core::Ip, Grant> permissions_;
  std::map<core::Address, Channel> channels_;  // a peer keeps its number
};

}  // namespace lucid::ice
