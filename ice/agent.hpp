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

// W3C RTCIceGatheringState; `idle` is its "new".
enum class GatheringState : std::uint8_t { idle, gathering, complete };
std::string_view to_string(GatheringState state);

// W3C RTCIceTransportState; `idle` is its "new".
//
//   idle ---> checking ---> connected <---> completed
//                |  ^          |  ^            |
//                |  |          v  |            |
//                |  +----- disconnected <------+        failed --restart()--> checking
//                +------------> failed <-- disconnected
enum class ConnectionState : std::uint8_t {
  idle,
  checking,
  connected,
  completed,
  disconnected,
  failed,
  closed,
};
std::string_view to_string(ConnectionState state);

// One data stream's ICE agent (RFC 8445), with one component, as everything is multiplexed onto it.
//
// The owner passes in all STUN that arrives (the first byte is 0 to 3) and what belongs to TURN
// (64 to 79); it signals LocalCandidate events to the other
// side, and sends its own packets by send() along path(), from Usable on. Ids of effects count up
// from 65,536 times the context's id, so agents with different ids may share an edge.
class Agent {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;

  // A candidate to be signalled to the other side (RFC 8838 trickle).
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
  // A pair works: from now on packets may be sent along path() (RFC 8445 12.1). The path of a
  // later one is better than, or takes the place of, that of the one before.
  struct Usable {
    core::Path path;
  };
  // A pair was nominated and works (RFC 8445 8.1.1).
  struct Selected {
    core::Path path;
    Candidate local;
    Candidate remote;
  };
  // The peer's role was the same as ours and ours gave way (RFC 8445 7.3.1.1).
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
  // A packet that came through a relay; path.local is the relayed address.
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
  // The other side is an ICE lite agent (a=ice-lite): we control, whatever was said (RFC
  // 8445 6.1.1).
  void set_remote_mode(Mode mode, core::Time now);

  // Before the first call of interfaces() gathering waits for it. A second gather() looks for
  // candidates that are not there yet.
  void gather(core::Time now);
  // The other side's, for the current generation. With a different ufrag after the first call, they
  // are those of a restart, which restart() must have begun here (RFC 8445 9).
  void set_remote_credentials(Credentials credentials, core::Time now);
  // In any order with set_remote_credentials; kept until those of its ufrag are there.
  void add_remote_candidate(Candidate candidate, core::Time now);
  void end_of_remote_candidates(core::Time now);
  // New credentials and a new check list; the old ones go on until the new ones work (RFC 8445 9).
  void restart(core::Time now);
  // The same with credentials made by the owner, whose offer has named them already.
  void restart(Credentials credentials, core::Time now);
  // The offer that announced the restart was taken back: the generation before it goes on.
  void cancel_restart(core::Time now);
  void close(core::Time now);

  // What to send on now: the selected pair's path, else the best that works; none before Usable.
  std::optional<core::Path> path() const;
  // Sends a packet of the owner's, through the relay where the path begins at one.
  void send(core::Datagram out, core::Time now);
  // Counts a packet of the owner's that came in directly.
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
