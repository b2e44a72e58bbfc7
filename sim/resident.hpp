#pragma once
#include <cstdint>
#include <deque>
#include <variant>
#include <vector>

#include "core/effects.hpp"
#include "sim/agenda.hpp"

namespace lucid::sim {

class Host;

// Answers to effects, as core/effects.hpp has them.
struct Bound {
  core::SocketId id;
  core::Address local;
};
struct BindFailed {
  core::SocketId id;
  core::PathError error;
};
struct Opened {
  core::StreamId id;
  core::Path path;
};
struct Listening {
  core::StreamId id;
  core::Address local;
};
struct Closed {
  core::StreamId id;
  core::PathError error;
};
struct Resolved {
  core::ResolveId id;
  std::vector<core::Ip> addresses;
};
struct InterfacesChanged {
  std::vector<core::Interface> list;
};
struct PathFailed {
  core::Path path;
  core::PathError error;
};
using Notice = std::variant<core::Datagram, Bound, BindFailed, Opened, Listening, Closed, Resolved,
                            InterfacesChanged, PathFailed>;

// What runs on a host, as the host sees it: it is given notices, one after the other, at its time.
class Resident : public Element {
 public:
  explicit Resident(Host& host);

  std::uint32_t id() const { return id_; }
  Host& host() const { return host_; }
  void post(Notice notice);
  void wake();  // it was called from outside and may have something to say

  std::optional<core::Time> next() const final;
  void fire(core::Time now) final;

 private:
  virtual std::optional<core::Time> deadline() const = 0;
  virtual void take(Notice notice, core::Time now) = 0;
  virtual void time_out(core::Time now) = 0;

  Host& host_;
  std::uint32_t id_;
  std::deque<Notice> inbox_;
  bool awake_ = true;
};

}  // namespace lucid::sim
