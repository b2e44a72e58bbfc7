#pragma once
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ice/config.hpp"
#include "ice/turn_failure.hpp"
#include "ice/turn_peers.hpp"

namespace lucid::ice {

// A TURN client (RFC 8656): one allocation on one server, reached over UDP, TCP or TLS. Usable
// without an agent:
//
//   TurnClient client{{.server = {...}, .address = ip_and_port}, context};
//   client.start(now);            // ... Allocated{relayed}
//   client.send({{udp, relayed, peer}, {}, bytes}, now);     // ... Received{datagram}
//
//   start() --> connecting --> allocating --> allocated --close()--> closed
//                   ^ |            | |             | silence, a lost connection or allocation
//          300, 437 | +------------+ | refused     v
//                   +--------------- +---------> failed
class TurnClient {
 public:
  struct Config {
    Server server;
    core::Address address;  // of the server: its name is resolved by the owner
    // Where to ask from. With a port it is a UDP socket of the owner's; with port 0 the client asks
    // for a socket or a connection of its own.
    core::Address local;
    bool v6 = true;              // ask for a relayed IPv6 address beside the IPv4 one
    std::uint32_t first_id = 0;  // of effects: this one and the next `ids`
  };
  static constexpr std::uint32_t ids = 8;

  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  // One relayed address, or one of each family.
  struct Allocated {
    std::vector<core::Address> relayed;
    std::optional<core::Address> mapped;  // as the server sees us (RFC 8656 7.3)
    core::Path path;                      // to the server
  };
  // From a peer; path.local is the relayed address.
  struct Received {
    core::Datagram datagram;
  };
  // Packets to this peer get nowhere: the server refuses, or was told so by ICMP.
  struct PeerUnreachable {
    core::Path path;
    core::PathError error;
  };
  // For good.
  struct Failed {
    TurnFailure failure;
    std::string text;
  };
  using Event = std::variant<Allocated, Received, PeerUnreachable, Failed, core::Effect>;

  TurnClient(Config config, core::Context context);
  TurnClient(const TurnClient&) = delete;
  TurnClient& operator=(const TurnClient&) = delete;

  void start(core::Time now);
  // To a peer; path.local does not matter. Dropped before Allocated.
  void send(core::Datagram out, core::Time now);
  // This peer gets more than a few packets.
  void bind_channel(const core::Address& peer, core::Time now);
  // Gives the allocation back.
  void close(core::Time now);

  void handle_datagram(core::Datagram in, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Datagram> poll_transmit() { return link_.poll(); }
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  void bound(core::SocketId id, core::Address local, core::Time now);
  void bind_failed(core::SocketId id, core::PathError error, core::Time now);
  void opened(core::StreamId id, core::Path path, core::Time now);
  void closed(core::StreamId id, core::PathError error, core::Time now);
  void path_error(const core::Path& path, core::PathError error, core::Time now);

  enum class State : std::uint8_t { idle, connecting, allocating, allocated, failed, closed };
  State state() const { return state_; }
  const Config& config() const { return config_; }
  // Datagrams on this path are for this client, unless they are STUN's Binding.
  const std::optional<core::Path>& path() const { return link_.path(); }
  const std::vector<core::Address>& relayed() const { return relayed_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  void connect(core::Time now);
  void disconnect();
  void allocate(core::Time now);
  void refresh(core::Time now);
  void answered(const TurnRequests::Answer& answer, const stun::Message& response, core::Time now);
  void allocated(const stun::Message& response, core::Time now);
  void not_allocated(const TurnRequests::Answer& answer, const stun::Message& response,
                     core::Time now);
  bool redirect(const stun::Message& response);
  void handle_indication(core::Buffer bytes, core::Time now);
  void receive(const core::Address& peer, core::Buffer data);
  void watch(core::Time now);
  void fail(TurnFailure failure, core::Time now);
  void set(State state, std::string_view reason, core::Time now);
  const core::Address* relayed_for(core::Family family) const;

  // How often this client has begun anew, and for what.
  struct Attempts {
    std::uint32_t id = 0;  // of the socket or connection under way
    std::uint32_t connects = 0;
    int mismatches = 0;                  // 437
    std::optional<core::Family> family;  // 440: this one alone
    std::vector<core::Address> servers;  // 300: where we have been
    bool own = false;                    // the socket or connection is the client's
  };
  struct Deadlines {
    std::optional<core::Time> give_up;  // connecting and allocating over a stream
    std::optional<core::Time> refresh;
  };

  Config config_;
  core::trace::Tracer tracer_;
  TurnLink link_;
  TurnRequests requests_;
  TurnPeers peers_;
  State state_ = State::idle;
  Attempts attempts_;
  Deadlines deadlines_;
  std::vector<core::Address> relayed_;
  std::deque<Event> events_;
  std::uint64_t dropped_ = 0;
};
static_assert(core::Machine<TurnClient>);
std::string_view to_string(TurnClient::State state);

}  // namespace lucid::ice
