#include "peer/states.hpp"

namespace lucid::peer {

std::string_view to_string(SignalingState state) {
  switch (state) {
    case SignalingState::stable:
      return "stable";
    case SignalingState::have_local_offer:
      return "have-local-offer";
    case SignalingState::have_remote_offer:
      return "have-remote-offer";
    case SignalingState::have_local_pranswer:
      return "have-local-pranswer";
    case SignalingState::have_remote_pranswer:
      return "have-remote-pranswer";
    case SignalingState::closed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(IceGatheringState state) {
  switch (state) {
    case IceGatheringState::new_:
      return "new";
    case IceGatheringState::gathering:
      return "gathering";
    case IceGatheringState::complete:
      return "complete";
  }
  return "unknown";
}

std::string_view to_string(IceConnectionState state) {
  switch (state) {
    case IceConnectionState::new_:
      return "new";
    case IceConnectionState::checking:
      return "checking";
    case IceConnectionState::connected:
      return "connected";
    case IceConnectionState::completed:
      return "completed";
    case IceConnectionState::disconnected:
      return "disconnected";
    case IceConnectionState::failed:
      return "failed";
    case IceConnectionState::closed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::new_:
      return "new";
    case ConnectionState::connecting:
      return "connecting";
    case ConnectionState::connected:
      return "connected";
    case ConnectionState::disconnected:
      return "disconnected";
    case ConnectionState::failed:
      return "failed";
    case ConnectionState::closed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(DtlsState state) {
  switch (state) {
    case DtlsState::new_:
      return "new";
    case DtlsState::connecting:
      return "connecting";
    case DtlsState::connected:
      return "connected";
    case DtlsState::closed:
      return "closed";
    case DtlsState::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace lucid::peer
