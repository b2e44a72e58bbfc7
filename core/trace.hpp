#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

#include "core/address.hpp"
#include "core/effects.hpp"
#include "core/time.hpp"

// The seam through which a call is watched. Machines report; sinks (text, JSON lines, pcapng: see
// glass/) turn reports into something to read. Without a sink a report costs one branch.
namespace lucid::core::trace {

// Who reports: the module and which of its objects, numbered by whoever made it.
struct Object {
  std::string_view module;  // "ice"
  std::uint32_t id = 0;
};

using Value = std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view, Duration,
                           Address, Path, Bytes>;
struct Field {
  std::string_view name;
  Value value;
};
using Fields = std::span<const Field>;

enum class Direction : std::uint8_t { in, out };

// What a sink receives. Everything is borrowed for the time of the call.
struct Event {  // something happened: "check_sent", "packet_lost"
  Time time;
  Object object;
  std::string_view name;
  Fields fields;
};
struct StateChange {
  Time time;
  Object object;
  std::string_view machine;  // which of the object's states: "ice_connection_state"
  std::string_view from;
  std::string_view to;
  std::string_view reason;
};
struct Failure {
  Time time;
  Object object;
  std::string_view phase;      // "handshake"
  std::string_view cause;      // what happened: "the certificate matches no fingerprint"
  std::string_view next_step;  // what to do about it
};
struct Packet {  // one datagram on the wire, or the plain text inside one
  Time time;
  Object object;
  Direction direction;
  Path path;
  Bytes bytes;
};
struct Secret {  // one line of an NSS key log
  Time time;
  Object object;
  std::string_view line;
};
using Report = std::variant<Event, StateChange, Failure, Packet, Secret>;

// Receives reports. It may not call back into a machine.
struct Sink {
  virtual ~Sink() = default;
  virtual void report(const Report& report) = 0;
  // Keys are reported only to a sink that asks for them.
  virtual bool wants_secrets() const { return false; }
};

// A machine's end of the seam: a sink that may be null, and the machine's name.
class Tracer {
 public:
  Tracer() = default;
  Tracer(Sink* sink, Object object) : sink_{sink}, object_{object} {}

  bool listening() const { return sink_ != nullptr; }
  bool wants_secrets() const { return sink_ != nullptr && sink_->wants_secrets(); }

  void event(Time now, std::string_view name, std::initializer_list<Field> fields = {}) const {
    if (sink_ != nullptr) sink_->report(Event{now, object_, name, Fields{fields}});
  }
  void state(Time now, std::string_view machine, std::string_view from, std::string_view to,
             std::string_view reason) const {
    if (sink_ != nullptr) sink_->report(StateChange{now, object_, machine, from, to, reason});
  }
  void failure(Time now, std::string_view phase, std::string_view cause,
               std::string_view next_step) const {
    if (sink_ != nullptr) sink_->report(Failure{now, object_, phase, cause, next_step});
  }
  void packet(Time now, Direction direction, const Path& path, Bytes bytes) const {
    if (sink_ != nullptr) sink_->report(Packet{now, object_, direction, path, bytes});
  }
  void secret(Time now, std::string_view line) const {
    if (wants_secrets()) sink_->report(Secret{now, object_, line});
  }

 private:
  Sink* sink_ = nullptr;
  Object object_;
};

}  // namespace lucid::core::trace
