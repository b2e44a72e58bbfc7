#pragma once
#include <concepts>
#include <functional>
#include <variant>
#include <vector>

#include "core/check.hpp"
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

  Driver(Loop& loop, M& machine, Handler handler, EdgeOptions options = {})
      : machine_{machine}, handler_{std::move(handler)}, edge_{loop, *this, options} {
    outgoing_.reserve(batch_size);
    if constexpr (requires(std::span<const core::Interface> list) {
                    machine_.interfaces(list, core::Time{});
                  }) {
      if (options.watch_interfaces == WatchInterfaces::yes) {
        machine_.interfaces(edge_.watch_interfaces(), edge_.now());
      }
    }
  }

  // Takes out and handles all that the machine has to say, then sleeps until its next deadline.
  // Within the handler it is not needed.
  void pump() {
    if (pumping_) {
      again_ = true;
      return;
    }
    pumping_ = true;
    do {
      again_ = false;
      while (auto event = machine_.poll_event()) handle(*std::move(event));
      send_all();
      const core::Time now = edge_.now();
      if (const auto deadline = machine_.next_timeout(); deadline && *deadline <= now) {
        machine_.handle_timeout(now);
        again_ = true;
      }
    } while (again_);
    pumping_ = false;
    edge_.wake_at(machine_.next_timeout());
  }

 private:
  static constexpr std::size_t batch_size = 128;

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
      const bool performed = std::visit([this](auto& one) { return perform(one); }, event);
      if (performed) return;
    }
    handler_(std::move(event), edge_.now());
  }
  template <class Alternative>
  bool perform(Alternative& alternative) {
    if constexpr (std::same_as<Alternative, core::Effect>) {
      return std::visit([this](auto& effect) { return perform(effect); }, alternative);
    } else if constexpr (requires { edge_.perform(std::move(alternative)); }) {
      edge_.perform(std::move(alternative));
      return true;
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
  void bound(core::SocketId id, core::Address local, core::Time now) override {
    if constexpr (requires { machine_.bound(id, local, now); }) machine_.bound(id, local, now);
    pump();
  }
  void bind_failed(core::SocketId id, core::PathError error, core::Time now) override {
    if constexpr (requires { machine_.bind_failed(id, error, now); }) {
      machine_.bind_failed(id, error, now);
    }
    pump();
  }
  void opened(core::StreamId id, core::Path path, core::Time now) override {
    if constexpr (requires { machine_.opened(id, path, now); }) machine_.opened(id, path, now);
    pump();
  }
  void listening(core::StreamId id, core::Address local, core::Time now) override {
    if constexpr (requires { machine_.listening(id, local, now); }) {
      machine_.listening(id, local, now);
    }
    pump();
  }
  void closed(core::StreamId id, core::PathError error, core::Time now) override {
    if constexpr (requires { machine_.closed(id, error, now); }) machine_.closed(id, error, now);
    pump();
  }
  void resolved(core::ResolveId id, std::span<const core::Ip> list, core::Time now) override {
    if constexpr (requires { machine_.resolved(id, list, now); }) machine_.resolved(id, list, now);
    pump();
  }
  void interfaces(std::span<const core::Interface> list, core::Time now) override {
    if constexpr (requires { machine_.interfaces(list, now); }) machine_.interfaces(list, now);
    pump();
  }
  void path_errors(std::span<const UdpSocket::Refusal> errors, core::Time now) override {
    if constexpr (requires(core::Path path, core::PathError error) {
                    machine_.path_error(path, error, now);
                  }) {
      for (const auto& [path, error] : errors) machine_.path_error(path, error, now);
    }
    pump();
  }

  M& machine_;
  Handler handler_;
  std::vector<core::Datagram> outgoing_;
  bool pumping_ = false;
  bool again_ = false;
  Edge edge_;
};

}  // namespace lucid::net
