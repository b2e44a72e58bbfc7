#pragma once
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "core/effects.hpp"
#include "core/machine.hpp"

// A machine small enough to see through: it binds a socket, sends what it is told, and answers what
// it hears if it echoes.
namespace lucid::net::test {

struct Bound {
  core::Address local;
};
struct Heard {
  core::Path path;
  core::Ecn ecn;
  std::string text;
};
struct Refused {
  core::Path path;
  core::PathError error;
};
struct Opened {
  core::Path path;
};
struct Listening {
  core::Address local;
};
struct Closed {
  core::PathError error;
};
struct Resolved {
  std::vector<core::Ip> addresses;
};
struct Rang {};

class Toy {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = std::variant<core::BindUdp, core::Effect, Bound, Heard, Refused, Opened, Listening,
                             Closed, Resolved, Rang>;

  explicit Toy(core::Context context) : pool_{context.pool} {}

  bool echo = false;
  core::Address local;
  std::vector<core::Interface> known_interfaces;

  void bind(core::Ip ip = core::Ip::loopback(core::Family::v4)) {
    events_.push_back(core::BindUdp{core::SocketId{1}, {ip, 0}});
  }
  void perform(core::Effect effect) { events_.push_back(std::move(effect)); }
  void send(const core::Path& path, std::string_view text, core::Ecn ecn = core::Ecn::not_ect) {
    transmits_.push_back({path, ecn, pool_.copy(core::as_bytes(text))});
  }
  void send(const core::Address& to, std::string_view text, core::Ecn ecn = core::Ecn::not_ect) {
    send({core::Transport::udp, local, to}, text, ecn);
  }
  void ring_at(core::Time deadline) { deadline_ = deadline; }

  void handle_datagram(core::Datagram in, core::Time) {
    if (echo) {
      transmits_.push_back(std::move(in));
    } else {
      events_.push_back(Heard{in.path, in.ecn, std::string{core::as_text(in.bytes.bytes())}});
    }
  }
  void handle_timeout(core::Time now) {
    if (!deadline_ || *deadline_ > now) return;
    deadline_.reset();
    events_.push_back(Rang{});
  }
  std::optional<core::Datagram> poll_transmit() { return pop(transmits_); }
  std::optional<Event> poll_event() { return pop(events_); }
  std::optional<core::Time> next_timeout() const { return deadline_; }

  void bound(core::SocketId, core::Address address, core::Time) {
    local = address;
    events_.push_back(Bound{address});
  }
  void bind_failed(core::SocketId, core::PathError error, core::Time) {
    events_.push_back(Refused{{}, error});
  }
  void path_error(core::Path path, core::PathError error, core::Time) {
    events_.push_back(Refused{path, error});
  }
  void opened(core::StreamId, core::Path path, core::Time) { events_.push_back(Opened{path}); }
  void listening(core::StreamId, core::Address address, core::Time) {
    events_.push_back(Listening{address});
  }
  void closed(core::StreamId, core::PathError error, core::Time) {
    events_.push_back(Closed{error});
  }
  void resolved(core::ResolveId, std::span<const core::Ip> list, core::Time) {
    events_.push_back(Resolved{{list.begin(), list.end()}});
  }
  void interfaces(std::span<const core::Interface> list, core::Time) {
    known_interfaces.assign(list.begin(), list.end());
  }

 private:
  template <class T>
  static std::optional<T> pop(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> front = std::move(queue.front());
    queue.pop_front();
    return front;
  }

  core::Pool& pool_;
  std::deque<core::Datagram> transmits_;
  std::deque<Event> events_;
  std::optional<core::Time> deadline_;
};
static_assert(core::Machine<Toy>);

}  // namespace lucid::net::test
