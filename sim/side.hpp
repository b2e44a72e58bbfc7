#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "sim/clock_seam.hpp"
#include "sim/seed.hpp"

namespace lucid::sim {

// One machine in a simulation and all that it said. `sim.left->command(...)` calls the machine
// under virtual time; `sim.left.machine` is for looking.
template <core::Machine M>
class Side {
 public:
  using Event = typename M::Event;
  struct Recorded {
    core::Time time;
    Event event;
  };

  template <class Source>
  Side(Source&& source, Seed seed, const core::Time& now, core::trace::Sink* sink = nullptr,
       std::uint32_t id = 0)
      : random{static_cast<std::uint64_t>(seed)},
        now_{now},
        machine{make(std::forward<Source>(source), core::Context{random, pool, sink, id})} {}

  core::Pool pool;
  core::SeededRandom random;

 private:
  const core::Time& now_;

 public:
  M machine;
  std::vector<Recorded> events;  // in order
  std::function<void(Event&)>
      on_event;                 // as each is polled, before it is recorded; may call either side
  std::uint64_t transmits = 0;  // datagrams sent

  // A call into the machine, with the clock and entropy of C libraries replaced while it lasts.
  class Call {
   public:
    explicit Call(Side& side) : scope_{side.now_, side.random}, machine_{&side.machine} {}
    M* operator->() const { return machine_; }

   private:
    VirtualTimeScope scope_;
    M* machine_;
  };
  Call operator->() { return Call{*this}; }

  // How often, when first, and what first: events of type E.
  template <class E>
  std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count_if(events, is<E>));
  }
  template <class E>
  bool saw() const {
    return std::ranges::any_of(events, is<E>);
  }
  template <class E>
  std::optional<core::Time> time_of() const {
    const auto it = std::ranges::find_if(events, is<E>);
    return it == events.end() ? std::nullopt : std::optional{it->time};
  }
  template <class E>
  const E* first() const {
    const auto it = std::ranges::find_if(events, is<E>);
    return it == events.end() ? nullptr : get<E>(it->event);
  }
  template <class E>
  const E* last() const {
    const auto it = std::find_if(events.rbegin(), events.rend(), is<E>);
    return it == events.rend() ? nullptr : get<E>(it->event);
  }

 private:
  template <class E>
  static const E* get(const Event& event) {
    if constexpr (std::same_as<E, Event>) {
      return &event;
    } else {
      return std::get_if<E>(&event);
    }
  }
  template <class E>
  static bool is(const Recorded& recorded) {
    return get<E>(recorded.event) != nullptr;
  }
  // A machine is given as itself or as a function that makes it from a Context.
  template <class Source>
  M make(Source&& source, core::Context context) {
    const VirtualTimeScope scope{now_, random};
    if constexpr (std::invocable<Source&, core::Context>) {
      return source(context);
    } else {
      return std::forward<Source>(source);
    }
  }
};

namespace detail {

template <class Source>
struct Made {
  using type = std::decay_t<Source>;
};
template <class Source>
  requires std::invocable<Source&, core::Context>
struct Made<Source> {
  using type = std::invoke_result_t<Source&, core::Context>;
};

}  // namespace detail

}  // namespace lucid::sim
