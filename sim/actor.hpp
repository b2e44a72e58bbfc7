#pragma once
#include <concepts>
#include <cstdio>
#include <deque>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "sim/agenda.hpp"
#include "sim/side.hpp"
#include "sim/world.hpp"

namespace lucid::sim {

// A machine at work on a host of a World, and all that it said (see Side). Its effects are carried
// out, its datagrams sent and received, its deadlines kept. `actor->command(...)` calls the
// machine.
template <core::Machine M>
  requires std::same_as<typename M::Datagram, core::Datagram> &&
               std::same_as<typename M::Transmit, core::Datagram>
class Actor final : public Resident, public Side<M> {
 public:
  template <class Source>
  Actor(Host& host, Source&& source)
      : Resident{host},
        Side<M>{std::forward<Source>(source), host.world().next_seed(), host.world().clock(),
                host.world().sink(), id()} {
    post(InterfacesChanged{host.interfaces()});
  }

  class Call : public Side<M>::Call {
   public:
    explicit Call(Actor& actor) : Side<M>::Call{actor}, actor_{actor} {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { actor_.wake(); }

   private:
    Actor& actor_;
  };
  Call operator->() { return Call{*this}; }

  std::optional<core::Time> deadline() const override { return this->machine.next_timeout(); }

 private:
  void take(Notice notice, core::Time now) override {
    const VirtualTimeScope scope{now, this->random};
    std::visit([&](auto& one) { tell(one, now); }, notice);
    drain(now);
  }
  void time_out(core::Time now) override {
    const VirtualTimeScope scope{now, this->random};
    const auto due = deadline();
    if (due && *due <= now) this->machine.handle_timeout(now);
    drain(now);
  }

  // The machine is told what it has a command for.
  void tell(core::Datagram& in, core::Time now) {
    this->machine.handle_datagram(std::move(in), now);
  }
  void tell(const InterfacesChanged& changed, core::Time now) {
    const std::span<const core::Interface> list{changed.list};
    if constexpr (requires(M& m) { m.interfaces(list, now); }) this->machine.interfaces(list, now);
  }
  void tell(const Bound& it, core::Time now) {
    if constexpr (requires(M& m) { m.bound(it.id, it.local, now); }) {
      this->machine.bound(it.id, it.local, now);
    }
  }
  void tell(const BindFailed& it, core::Time now) {
    if constexpr (requires(M& m) { m.bind_failed(it.id, it.error, now); }) {
      this->machine.bind_failed(it.id, it.error, now);
    }
  }
  void tell(const Opened& it, core::Time now) {
    if constexpr (requires(M& m) { m.opened(it.id, it.path, now); }) {
      this->machine.opened(it.id, it.path, now);
    }
  }
  void tell(const Listening& it, core::Time now) {
    if constexpr (requires(M& m) { m.listening(it.id, it.local, now); }) {
      this->machine.listening(it.id, it.local, now);
    }
  }
  void tell(const Closed& it, core::Time now) {
    if constexpr (requires(M& m) { m.closed(it.id, it.error, now); }) {
      this->machine.closed(it.id, it.error, now);
    }
  }
  void tell(const Resolved& it, core::Time now) {
    const std::span<const core::Ip> addresses{it.addresses};
    if constexpr (requires(M& m) { m.resolved(it.id, addresses, now); }) {
      this->machine.resolved(it.id, addresses, now);
    }
  }
  void tell(const PathFailed& it, core::Time now) {
    if constexpr (requires(M& m) { m.path_error(it.path, it.error, now); }) {
      this->machine.path_error(it.path, it.error, now);
    }
  }

  void drain(core::Time now) {
    bool any = true;
    while (std::exchange(any, false)) {
      while (std::optional<core::Datagram> out = this->machine.poll_transmit()) {
        any = true;
        ++this->transmits;
        host().send(*this, std::move(*out), now);
      }
      while (std::optional<typename M::Event> event = this->machine.poll_event()) {
        any = true;
        perform(*event, now);
        if (this->on_event) this->on_event(*event);
        this->events.push_back({now, std::move(*event)});
      }
    }
  }
  // An effect goes to the host, by itself, in a core::Effect, or in the machine's own variant.
  template <class E>
  void perform(const E& event, core::Time now) {
    if constexpr (requires(Host& h) { h.perform(*this, event, now); }) {
      host().perform(*this, event, now);
    } else if constexpr (requires { std::variant_size<E>::value; }) {
      std::visit([&](const auto& one) { perform(one, now); }, event);
    }
  }
};

template <class Source>
auto& Host::run(Source&& source) {
  using M = typename detail::Made<std::decay_t<Source>>::type;
  auto actor = std::make_unique<Actor<M>>(*this, std::forward<Source>(source));
  Actor<M>& it = *actor;
  adopt(std::move(actor));
  return it;
}

}  // namespace lucid::sim
