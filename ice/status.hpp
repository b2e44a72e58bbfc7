#pragma once
#include <optional>

#include "ice/gatherer.hpp"
#include "ice/session.hpp"
#include "ice/shared.hpp"

namespace lucid::ice {

// What the owner is told of an agent's progress: its W3C state, the path to send on, the selected
// pair. Compares what is with what was told last.
class Status {
 public:
  explicit Status(Shared& shared) : shared_{shared} {}

  struct View {
    const Session& current;
    const Session* previous;  // the generation before, until the current one works
    GatheringState gathering;
    bool remote_ended;
  };
  void update(const View& view, core::Time now);
  void restarted();
  void close(core::Time now);
  std::optional<core::Time> next_timeout() const { return patience_ends_; }

  ConnectionState state() const { return state_; }
  // The pair to send on.
  static Pair* best(const Session& current, const Session* previous);

 private:
  struct Verdict {
    ConnectionState state;
    std::string_view reason;
  };
  Verdict judge(const View& view, core::Time now);
  void set(Verdict verdict, core::Time now);

  Shared& shared_;
  ConnectionState state_ = ConnectionState::idle;
  GatheringState gathering_ = GatheringState::idle;
  std::optional<core::Path> path_;
  std::optional<core::Path> selected_;
  std::optional<core::Time> started_;
  std::optional<core::Time> patience_ends_;
  bool worked_ = false;  // a pair of the current generation did
};

}  // namespace lucid::ice
