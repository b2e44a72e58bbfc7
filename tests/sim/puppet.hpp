#pragma once
#include <deque>
#include <span>
#include <string>

#include "core/machine.hpp"
#include "sim/actor.hpp"

namespace lucid::sim::test {

struct Got {
  core::Path path;
  std::string text;
};
struct BoundTo {
  core::Address local;
};
struct Refused {
  core::PathError error;
};
struct ListeningAt {
  core::Address local;
};
struct OpenedAs {
  core::Path path;
};
struct ClosedBy {
  core::PathError error;
};
struct ResolvedTo {
  std::vector<core::Ip> addresses;
};
struct InterfacesAre {
  std::size_t count;
};
struct Failed {
  core::Path path;
  core::PathError error;
};

// Does nothing of its own: asks the edge for what it is told to ask, sends what it is told to send,
// and repeats as events what it is told.
class Puppet {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = std::variant<core::Effect, Got, BoundTo, Refused, ListeningAt, OpenedAs, ClosedBy,
                             ResolvedTo, InterfacesAre, Failed>;

  explicit Puppet(core::Context context) : pool_{context.pool} {}

  void ask(core::Effect effect) { events_.push_back(std::move(effect)); }
  void send(core::Path path, std::string_view text) {
    out_.push_back({path, core::Ecn::not_ect, pool_.copy(core::as_bytes(text))});
  }
  void handle_datagram(core::Datagram in, core::Time) {
    events_.push_back(Got{in.path, std::string{core::as_text(in.bytes)}});
  }
  void handle_timeout(core::Time) {}
  std::optional<core::Datagram> poll_transmit() { return pop(out_); }
  std::optional<Event> poll_event() { return pop(events_); }
  std::optional<core::Time> next_timeout() const { return std::nullopt; }

  void bound(core::SocketId, core::Address local, core::Time) { events_.push_back(BoundTo{local}); }
  void bind_failed(core::SocketId, core::PathError error, core::Time) {
    events_.push_back(Refused{error});
  }
  void listening(core::StreamId, core::Address local, core::Time) {
    events_.push_back(ListeningAt{local});
  }
  void opened(core::StreamId, core::Path path, core::Time) { events_.push_back(OpenedAs{path}); }
  void closed(core::StreamId, core::PathError error, core::Time) {
    events_.push_back(ClosedBy{error});
  }
  void resolved(core::ResolveId, std::span<const core::Ip> addresses, core::Time) {
    events_.push_back(ResolvedTo{{addresses.begin(), addresses.end()}});
  }
  void interfaces(std::span<const core::Interface> list, core::Time) {
    events_.push_back(InterfacesAre{list.size()});
  }
  void path_error(core::Path path, core::PathError error, core::Time) {
    events_.push_back(Failed{path, error});
  }

 private:
  template <class T>
  static std::optional<T> pop(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> front{std::move(queue.front())};
    queue.pop_front();
    return front;
  }

  core::Pool& pool_;
  std::deque<core::Datagram> out_;
  std::deque<Event> events_;
};
static_assert(core::Machine<Puppet>);

using Player = Actor<Puppet>;

inline core::Address address(std::string_view text) { return *core::Address::parse(text); }
inline core::Ip ip(std::string_view text) { return *core::Ip::parse(text); }
inline core::Path udp(std::string_view from, std::string_view to) {
  return {core::Transport::udp, address(from), address(to)};
}

// A host with one address and a puppet that has a socket there, on port 5000.
inline Player& add_player(World& world, Network& network, std::string_view at, Link link = {}) {
  Host& host = world.add_host(std::string{at});
  host.connect(network, at, Access::both(link));
  Player& player = host.run([](core::Context c) { return Puppet{c}; });
  host.bind(player, {ip(at), 5000});
  return player;
}

}  // namespace lucid::sim::test
