#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/effects.hpp"
#include "core/machine.hpp"
#include "ice/candidate.hpp"
#include "ice/config.hpp"
#include "ice/states.hpp"
#include "ice/stats.hpp"

namespace lucid::stun {
class Message;
}

namespace lucid::ice {

class Gatherer;
class RemoteCandidates;
class Session;
class Status;
struct Shared;

// One data stream's ICE agent (RFC 8445), with one component, as everything is multiplexed onto it.
//
// The owner passes in STUN (first byte 0 to 3) and TURN (64 to 79), signals LocalCandidate events
// to the other side, and sends its packets by send() along path(), from Usable on. Ids of effects
// count up from 65,536 times the context's id, so agents with different ids may share an edge.
class Agent {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  // To be signalled to the other side (RFC 8838).
  struct LocalCandidate {
    Candidate candidate;
  };
  struct GatheringChanged {
    GatheringState state;
  };
  struct ConnectionChanged {
    ConnectionState state;
    std::string_view reason;
  };
  // Packets go along this path now, not along the one before (RFC 8445 12.1).
  struct Usable {
    core::Path path;
  };
  // A pair was nominated and works (RFC 8445 8.1.1).
  struct Selected {
    core::Path path;
    Candidate local;
    Candidate remote;
  };
  // The peer's role was the same as ours, and ours changed (RFC 8445 7.3.1.1).
  struct RoleChanged {
    Role role;
  };
  // W3C icecandidateerror: a server did not give the candidate it was asked for.
  struct ServerFailed {
    std::string url;
    core::Address local;
    std::uint16_t code = 0;  // STUN's, or 701 when the server could not be reached
    std::string text;
  };
  // It came through a relay; path.local is the relayed address.
  struct Received {
    core::Datagram datagram;
  };
  using Event = std::variant<LocalCandidate, GatheringChanged, ConnectionChanged, Usable, Selected,
                             RoleChanged, ServerFailed, Received, core::Effect>;
  Agent(Config config, core::Context context);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  const Credentials& local_credentials() const;
  Role role() const;
  void set_role(Role role, core::Time now);
  // The other side is a lite agent (a=ice-lite): we control, whatever was said (RFC 8445 6.1.1).
  void set_remote_mode(Mode mode, core::Time now);

  // Waits for the first call of interfaces(). Again, it looks for what is not there yet.
  void gather(core::Time now);
  // For the next gathering: the first, or that of the next restart (W3C setConfiguration).
  void set_servers(std::vector<Server> servers, TransportPolicy policy, core::Time now);
  // The other side's, for the current generation. With a different ufrag after the first call, they
  // are those of a restart, which restart() must have begun here (RFC 8445 9).
  void set_remote_credentials(Credentials credentials, core::Time now);
  // In any order with set_remote_credentials; kept until those of its ufrag are there.
  void add_remote_candidate(Candidate candidate, core::Time now);
  void end_of_remote_candidates(core::Time now);
  // New credentials, made here or given; the old ones go on until the new ones work (RFC 8445 9).
  void restart(core::Time now);
  void restart(const Credentials& credentials, core::Time now);
  // The offer that announced the restart was taken back: the generation before it goes on.
  void cancel_restart(core::Time now);
  void close(core::Time now);

  // What to send on now; none before Usable.
  std::optional<core::Path> path() const;
  // The owner's packets: sent, by the relay where the path begins at one; and counted as they come.
  void send(core::Datagram out, core::Time now);
  void received(const core::Path& path, std::size_t bytes, core::Time now);

  void handle_datagram(core::Datagram in, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Datagram> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  // Answers of the edge (core/effects.hpp).
  void interfaces(std::span<const core::Interface> list, core::Time now);
  void bound(core::SocketId id, core::Address local, core::Time now);
  void bind_failed(core::SocketId id, core::PathError error, core::Time now);
  void opened(core::StreamId id, core::Path path, core::Time now);
  void listening(core::StreamId id, core::Address local, core::Time now);
  void closed(core::StreamId id, core::PathError error, core::Time now);
  void resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now);
  void path_error(const core::Path& path, core::PathError error, core::Time now);

  GatheringState gathering_state() const;
  ConnectionState connection_state() const;
  std::optional<core::Duration> round_trip() const;  // of path(), smoothed
  std::vector<Candidate> local_candidates() const;
  std::vector<Candidate> remote_candidates() const;
  std::vector<PairStats> pairs() const;
  const Stats& stats() const;

 private:
  void announce(core::Time now);
  void update(core::Time now);
  void handle_stun(core::Datagram& in, core::Time now);
  void handle_request(core::Datagram& in, const stun::Message& request, core::Time now);
  bool closed() const { return connection_state() == ConnectionState::closed; }

  std::unique_ptr<Shared> shared_;
  std::unique_ptr<Gatherer> gatherer_;
  std::unique_ptr<RemoteCandidates> remote_;
  std::unique_ptr<Status> status_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> previous_;  // the generation before a restart
  std::optional<core::Time> previous_ends_;
};
static_assert(core::Machine<Agent>);

}  // namespace lucid::ice
