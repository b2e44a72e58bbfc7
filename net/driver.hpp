#pragma once
#include <concepts>
#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "core/effects.hpp"
#include "core/machine.hpp"
#include "net/edge.hpp"

namespace lucid::net {

// Pumps one machine on a loop: feeds it what its sockets receive, wakes it at its deadlines,
// carries out its effects and answers them, sends what it transmits, and hands every other event to
// the handler, on the loop's thread:
//
//   ice::Agent agent{config, loop.context()};
//   net::Driver driver{loop, agent, [&](ice::Agent::Event event, core::Time now) { ... }};
//   agent.add_remote_candidate(candidate, loop.now());
//   driver.pump();    // after commands given from outside the handler
//   loop.run();
//
// The machine outlives its driver. Neither may be destroyed within the handler: post() that.
template <core::Machine M>
  requires std::same_as<typename M::Datagram, core::Datagram> &&
           std::same_as<typename M::Transmit, core::Datagram>
class Driver final : private Edge::Client {
 public:
  using Event = typename M::Event;
  using Handler = std::move_only_function<void(Event, core::Time)>;

  Driver(Loop& loop, M& machine, Handler handler, const EdgeOptions& options = {})
      : machine_{machine}, handler_{std::move(handler)}, edge_{loop, *this, options} {
    outgoing_.reserve(batch_size);
    if constexpr (requires { machine_.interfaces(edge_.watch_interfaces(), edge_.now()); }) {
      if (options.watch_interfaces == WatchInterfaces::no) return;
      machine_.interfaces(edge_.watch_interfaces(), edge_.now());
    }
  }

  // Handles what the machine has to say, as much as fits one turn; sleeps until its deadline.
  void pump() {
    again_ = true;
    if (std::exchange(pumping_, true)) return;
    int left = steps_at_once;
    for (; again_ && left > 0; --left) {
      again_ = false;
      send_all();  // what is said last leaves before the effect that closes its socket
      while (auto event = left > 0 ? machine_.poll_event() : std::nullopt) {
        handle(*std::move(event));
        again_ = true;
        --left;
      }
      const core::Time now = edge_.now();
      if (const auto deadline = machine_.next_timeout(); deadline && *deadline <= now) {
        machine_.handle_timeout(now);
        again_ = true;
      }
    }
    pumping_ = false;
    edge_.wake_at(again_ ? edge_.now() : machine_.next_timeout());
  }

 private:
  void send_all() {
    while (auto datagram = machine_.poll_transmit()) {
      outgoing_.push_back(*std::move(datagram));
      if (outgoing_.size() == batch_size) flush();
    }
    flush();
  }
  void flush() {
    if (outgoing_.empty()) return;
    edge_.send(outgoing_);
    outgoing_.clear();
    again_ = true;  // events may have come up with the transmits, or a refusal with the sending
  }

  // An effect goes to the edge, everything else to the handler.
  void handle(Event event) {
    if constexpr (requires { std::variant_size<Event>::value; }) {
      if (std::visit([this](auto& one) { return this->perform(one); }, event)) return;
    }
    handler_(std::move(event), edge_.now());
  }
  template <class Alternative>
  bool perform(Alternative& alternative) {
    if constexpr (std::same_as<Alternative, core::Effect>) {
      return std::visit([this](auto& effect) { return this->perform(effect); }, alternative);
    } else if constexpr (requires { edge_.perform(std::move(alternative)); }) {
      return edge_.perform(std::move(alternative)), true;
    } else {
      return false;
    }
  }

  void received(std::span<core::Datagram> batch, core::Time now) override {
    for (core::Datagram& datagram : batch) machine_.handle_datagram(std::move(datagram), now);
    pump();
  }
  void deadline(core::Time now) override {
    machine_.handle_timeout(now);
    pump();
  }
  // Gives an answer to the machine, if it has the command.
  template <class Command>
  void answer(Command command) {
    if constexpr (std::invocable<Command, M&>) command(machine_);
    pump();
  }
  void bound(core::SocketId id, core::Address local, core::Time now) override {
    answer([&](auto& m) -> decltype(m.bound(id, local, now)) { m.bound(id, local, now); });
  }
  void bind_failed(core::SocketId id, core::PathError e, core::Time now) override {
    answer([&](auto& m) -> decltype(m.bind_failed(id, e, now)) { m.bind_failed(id, e, now); });
  }
  void opened(core::StreamId id, core::Path path, core::Time now) override {
    answer([&](auto& m) -> decltype(m.opened(id, path, now)) { m.opened(id, path, now); });
  }
  void listening(core::StreamId id, core::Address local, core::Time now) override {
    answer([&](auto& m) -> decltype(m.listening(id, local, now)) { m.listening(id, local, now); });
  }
  void closed(core::StreamId id, core::PathError error, core::Time now) override {
    answer([&](auto& m) -> decltype(m.closed(id, error, now)) { m.closed(id, error, now); });
  }
  void resolved(core::ResolveId id, std::span<const core::Ip> list, core::Time now) override {
    answer([&](auto& m) -> decltype(m.resolved(id, list, now)) { m.resolved(id, list, now); });
  }
  void interfaces(std::span<const core::Interface> list, core::Time now) override {
    answer([&](auto& m) -> decltype(m.interfaces(list, now)) { m.interfaces(list, now); });
  }
  void path_errors(std::span<const UdpSocket::Refusal> errors, core::Time now) override {
    for (const auto& [on, e] : errors) {
      answer([&](auto& m) -> decltype(m.path_error(on, e, now)) { m.path_error(on, e, now); });
    }
  }

  static constexpr std::size_t batch_size = 128;
  static constexpr int steps_at_once = 10'000;

  M& machine_;
  Handler handler_;
  std::vector<core::Datagram> outgoing_;
  bool pumping_ = false;
  bool again_ = false;
  Edge edge_;
};

}  // namespace lucid::net
