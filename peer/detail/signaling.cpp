#include "peer/detail/signaling.hpp"

#include <string>

namespace lucid::peer::detail {
namespace {

using S = SignalingState;

// W3C 4.4.1.5: either call takes back whichever offer is pending.
std::optional<S> rollback(S from) {
  if (from == S::have_local_offer || from == S::have_remote_offer) return S::stable;
  return std::nullopt;
}

std::optional<S> local(S from, SdpType type) {
  switch (type) {
    case SdpType::offer:
      if (from == S::stable || from == S::have_local_offer) return S::have_local_offer;
      return std::nullopt;
    case SdpType::pranswer:
      if (from == S::have_remote_offer || from == S::have_local_pranswer) {
        return S::have_local_pranswer;
      }
      return std::nullopt;
    case SdpType::answer:
      if (from == S::have_remote_offer || from == S::have_local_pranswer) return S::stable;
      return std::nullopt;
    case SdpType::rollback:
      return rollback(from);
  }
  return std::nullopt;
}

std::optional<S> remote(S from, SdpType type) {
  switch (type) {
    case SdpType::offer:
      // W3C 4.4.1.5: an offer that meets our own rolls ours back first.
      if (from == S::stable || from == S::have_remote_offer || from == S::have_local_offer) {
        return S::have_remote_offer;
      }
      return std::nullopt;
    case SdpType::pranswer:
      if (from == S::have_local_offer || from == S::have_remote_pranswer) {
        return S::have_remote_pranswer;
      }
      return std::nullopt;
    case SdpType::answer:
      if (from == S::have_local_offer || from == S::have_remote_pranswer) return S::stable;
      return std::nullopt;
    case SdpType::rollback:
      return rollback(from);
  }
  return std::nullopt;
}

}  // namespace

Result<SignalingState> next_state(SignalingState from, Side side, SdpType type) {
  if (from == S::closed) {
    return refuse(ErrorName::invalid_state_error,
                  "The connection is closed; make a new one to negotiate.");
  }
  const auto to = side == Side::local ? local(from, type) : remote(from, type);
  if (to) return *to;
  std::string message = side == Side::local ? "A local " : "A remote ";
  message += to_string(type);
  message += " cannot be set in the state ";
  message += to_string(from);
  message += type == SdpType::rollback
                 ? "; only a pending offer can be taken back."
                 : "; look at signaling_state, and roll back first if offers have crossed.";
  return refuse(ErrorName::invalid_state_error, std::move(message));
}

}  // namespace lucid::peer::detail
