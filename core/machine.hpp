#pragma once
#include <concepts>
#include <optional>
#include <string_view>

#include "core/buffer.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "core/trace.hpp"

namespace lucid::core {

// What every protocol of this stack looks like. There is no base class; a static_assert beside each
// machine checks it, and tests/core/machine_contract.hpp tests it.
//
//  - handle_datagram, handle_timeout and named commands do all the work and return at once.
//  - poll_transmit and poll_event only pop a queue. Any number of inputs may come between polls,
//  and
//    the two may be polled in any order.
//  - next_timeout is absolute, and nullopt when the machine waits for nothing. A call of
//    handle_timeout that comes early is harmless; one that comes late makes up for it.
//  - Time never runs back.
//  - What comes off the network is never an error: it is dropped, counted and, if somebody listens,
//    reported. A machine that has failed for good says so in an event; after that every call is a
//    harmless no-op.
//  - The same construction, inputs and times give the same outputs, byte for byte.
//  - Nothing inside reads a clock, a socket, a file, a thread or a generator of its own.
template <class M>
concept Machine = requires(M m, const M cm, typename M::Datagram in, Time now) {
  { m.handle_datagram(std::move(in), now) } -> std::same_as<void>;
  { m.handle_timeout(now) } -> std::same_as<void>;
  { m.poll_transmit() } -> std::same_as<std::optional<typename M::Transmit>>;
  { m.poll_event() } -> std::same_as<std::optional<typename M::Event>>;
  { cm.next_timeout() } -> std::same_as<std::optional<Time>>;
};

// What the owner of a machine lends it for its lifetime: entropy, memory, and somewhere to report.
// `id` numbers the machine among its siblings in reports.
struct Context {
  Random& random;
  Pool& pool;
  trace::Sink* sink = nullptr;
  std::uint32_t id = 0;

  trace::Tracer tracer(std::string_view module) const { return {sink, {module, id}}; }
};

}  // namespace lucid::core
