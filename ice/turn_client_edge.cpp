// What the edge answers to a TURN client.
#include "ice/turn_client.hpp"

namespace lucid::ice {
namespace {

using Phase = TurnFailure::Phase;

// ICMP errors may be forged, and servers restart: so many in a row are believed.
constexpr int most_errors = 3;

}  // namespace

void TurnClient::bound(core::SocketId id, core::Address local, core::Time now) {
  if (state_ != State::connecting || static_cast<std::uint32_t>(id) != attempts_.id) return;
  link_.open({core::Transport::udp, local, config_.address});
  allocate(now);
}

void TurnClient::bind_failed(core::SocketId id, core::PathError error, core::Time now) {
  if (state_ != State::connecting || static_cast<std::uint32_t>(id) != attempts_.id) return;
  attempts_.own = false;
  fail(TurnFailure::broken(Phase::connection, error), now);
}

void TurnClient::opened(core::StreamId id, core::Path path, core::Time now) {
  if (state_ != State::connecting || static_cast<std::uint32_t>(id) != attempts_.id) return;
  link_.open(path);
  allocate(now);
}

void TurnClient::closed(core::StreamId id, core::PathError error, core::Time now) {
  if (!attempts_.own || static_cast<std::uint32_t>(id) != attempts_.id) return;
  attempts_.own = false;
  const Phase phase = state_ == State::connecting  ? Phase::connection
                      : state_ == State::allocated ? Phase::refresh
                                                   : Phase::allocation;
  fail(TurnFailure::broken(phase, error), now);
}

void TurnClient::path_error(const core::Path& path, core::PathError error, core::Time now) {
  if (path != link_.path() || error == core::PathError::too_big) return;
  if (state_ == State::allocating) {
    return fail(TurnFailure::broken(Phase::allocation, error), now);
  }
  if (state_ != State::allocated) return;
  if (link_.error() >= most_errors) return fail(TurnFailure::broken(Phase::refresh, error), now);
  refresh(now);
}

std::string_view to_string(TurnClient::State state) {
  switch (state) {
    case TurnClient::State::idle:
      return "idle";
    case TurnClient::State::connecting:
      return "connecting";
    case TurnClient::State::allocating:
      return "allocating";
    case TurnClient::State::allocated:
      return "allocated";
    case TurnClient::State::failed:
      return "failed";
    case TurnClient::State::closed:
      return "closed";
  }
  return "unknown";
}

}  // namespace lucid::ice
