#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ice/server_addresses.hpp"
#include "ice/turn_client.hpp"

namespace lucid::ice {

// The TURN clients of one agent: one for each server, as seen from each of our addresses. What is
// sent from a relayed address goes through its client, and what comes to it is found here.
class Relays {
 public:
  explicit Relays(Shared& shared) : shared_{shared}, servers_{shared, Server::Kind::turn} {}

  // Looks up the servers; again, asks those anew that have failed.
  void start(core::Time now);
  // The servers are other ones now. What the old ones relay goes on until drop_outdated().
  void restart();
  bool any_outdated() const { return std::ranges::any_of(relays_, &Relay::outdated); }
  // Gives back old servers' allocations, but for the relayed addresses that are `in_use`.
  void drop_outdated(std::span<const core::Address> in_use, core::Time now);
  // Where to ask from: a UDP socket, or with port 0 an address to open connections from.
  void add_place(const core::Address& local, std::uint16_t preference, core::Time now);
  void remove_place(const core::Ip& ip, core::Time now);
  void close(core::Time now);

  // False when it was not from a server, or is STUN's Binding.
  bool handle_datagram(core::Datagram& in, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Time> next_timeout() const;
  void resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now);
  void bound(core::SocketId id, const core::Address& local, core::Time now);
  void bind_failed(core::SocketId id, core::PathError error, core::Time now);
  void opened(core::StreamId id, const core::Path& path, core::Time now);
  void closed(core::StreamId id, core::PathError error, core::Time now);
  void path_error(const core::Path& path, core::PathError error, core::Time now);

  bool owns(const core::Address& local) const;
  // False when the path does not begin at a relayed address.
  bool send(core::Datagram& out, Carries what, core::Time now);
  bool busy() const;

  struct Found {
    Server server;
    core::Address base;  // where the server is asked from
    std::uint16_t preference;
    TurnClient::Allocated allocation;
  };
  std::vector<Found> take_found() { return std::exchange(found_, {}); }
  std::vector<core::Address> take_gone() { return std::exchange(gone_, {}); }
  std::vector<core::Datagram> take_received() { return std::exchange(received_, {}); }
  std::vector<TurnClient::PeerUnreachable> take_errors() { return std::exchange(errors_, {}); }

 private:
  struct Place {
    core::Address local;
    std::uint16_t preference;
  };
  struct Relay {
    Server server;  // as it is configured
    Place place;
    std::unique_ptr<TurnClient> client;
    std::uint32_t race = 0;  // those of one place and server, at several addresses
    core::Time start{};
    bool outdated = false;  // its server is not configured any more

    TurnClient::State state() const { return client->state(); }
    bool undecided() const {
      return state() == TurnClient::State::idle || state() == TurnClient::State::connecting ||
             state() == TurnClient::State::allocating;
    }
  };

  void ask(const Place& place, const ServerAddresses::Entry& server, core::Time now);
  void run(core::Time now);
  void collect(Relay& relay, core::Time now);
  void won(Relay& relay, core::Time now);
  bool others_may_win(const Relay& relay, core::Time now);
  template <class Predicate>
  void close_if(Predicate predicate, core::Time now);
  template <class Command>
  void tell_all(core::Time now, Command command);

  Shared& shared_;
  ServerAddresses servers_;
  std::vector<Place> places_;
  std::vector<Relay> relays_;
  std::uint32_t next_race_ = 0;
  std::vector<Found> found_;
  std::vector<core::Address> gone_;
  std::vector<core::Datagram> received_;
  std::vector<TurnClient::PeerUnreachable> errors_;
};

}  // namespace lucid::ice
