#pragma once
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ice/pair.hpp"
#include "ice/relays.hpp"
#include "ice/server_queries.hpp"
#include "ice/shared.hpp"

namespace lucid::ice {

// Finds our own candidates (RFC 8445 5.1.1): a socket on each address of the host, and what servers
// see of it. Sockets outlive restarts, as the candidates do.
class Gatherer {
 public:
  explicit Gatherer(Shared& shared) : shared_{shared}, queries_{shared}, relays_{shared} {
    shared_.relays = &relays_;
  }

  void gather(core::Time now);
  // For the next generation; for this one where gathering has not begun.
  void set_servers(std::vector<Server> servers, TransportPolicy policy, core::Time now);
  // A new generation begins.
  void restart(core::Time now);
  void close(core::Time now);
  void interfaces(std::span<const core::Interface> list, core::Time now);
  void bound(core::SocketId id, const core::Address& local, core::Time now);
  void bind_failed(core::SocketId id, core::PathError error, core::Time now);
  void listening(core::StreamId id, const core::Address& local, core::Time now);
  void opened(core::StreamId id, const core::Path& path, core::Time now);
  bool closed(core::StreamId id, core::PathError error, core::Time now);

  void resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now);
  // False when it was not a server's answer.
  bool handle_response(const core::Path& path, const stun::Message& response, core::Time now);
  void path_error(const core::Path& path, core::PathError error, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Time> next_timeout() const {
    return core::earliest(queries_.next_timeout(), relays_.next_timeout());
  }
  // Takes over what the relays have found or lost.
  void settle(core::Time now);

  // What NATs have opened for our candidates is kept open (RFC 8445 5.1.1.4).
  void keep_alive(bool keep) { queries_.keep_alive(keep); }

  GatheringState state() const;
  // All that may be signalled and paired, in the order found.
  const std::deque<Local>& locals() const { return locals_; }
  bool usable(const Local& local) const;

  // Bases that have gone since the last call.
  std::vector<core::Address> take_gone() { return std::exchange(gone_, {}); }
  Relays& relays() { return relays_; }

 private:
  // Where packets are sent from: a UDP socket, or a place that TCP connections are opened from or
  // accepted at.
  struct Base {
    enum class State : std::uint8_t { opening, ready, failed };
    State state = State::opening;
    core::Transport transport = core::Transport::udp;
    std::optional<TcpType> tcp_type;
    std::uint32_t id = 0;  // of the socket or listener
    core::Address address;
    std::uint16_t preference = 0;  // among the addresses of this host, the largest first
  };

  struct Sources {
    std::vector<Server> servers;
    TransportPolicy policy;
  };

  bool is_open(const core::Ip& ip, core::Transport transport) const;
  void open_bases(core::Time now);
  void open(const core::Ip& ip, core::Transport transport, std::optional<TcpType> tcp_type);
  void close(const Base& base);
  Base* find(core::Transport transport, std::uint32_t id);
  void take_up(const Base& base, core::Time now);
  void add_host(const Base& base, core::Time now);
  void add_reflexive(const core::Address& base, const core::Address& mapped, const Server& server,
                     core::Time now);
  void add_relayed(const Relays::Found& found, const core::Address& relayed, core::Time now);
  std::uint16_t next_preference() const;
  bool metered(const core::Ip& ip) const;
  void add(Local local, core::Time now);
  std::string foundation(const Candidate& candidate, const core::Ip& base,
                         const std::string& server);
  std::string name_of(const core::Ip& ip);

  Shared& shared_;
  bool wanted_ = false;
  std::optional<Sources> next_sources_;  // what restart() takes up
  std::optional<std::vector<core::Interface>> interfaces_;
  std::vector<Base> bases_;
  std::deque<Local> locals_;  // never moved: pairs point into it
  std::vector<std::string> foundations_;
  std::vector<std::pair<core::Ip, std::string>> names_;
  std::vector<core::Address> gone_;
  ServerQueries queries_;
  Relays relays_;
};

}  // namespace lucid::ice
