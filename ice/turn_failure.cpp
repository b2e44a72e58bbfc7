#include "ice/turn_failure.hpp"

namespace lucid::ice {
namespace {

using stun::ErrorCode;

std::string_view advice(ErrorCode code) {
  switch (code) {
    case ErrorCode::unauthenticated:
    case ErrorCode::wrong_credentials:
      return "check user name and password; time-limited ones may have expired, or be made with "
             "another secret than the server's";
    case ErrorCode::stale_nonce:
      return "the server takes none of its own nonces: look at its clock and its nonce lifetime";
    case ErrorCode::forbidden:
      return "the server's rules keep this user or address out: ask who runs it";
    case ErrorCode::try_alternate:
      return "the servers send their clients round in circles: look at their alternate-server "
             "settings";
    case ErrorCode::allocation_mismatch:
      return "the server has lost the allocation, as after a start of its own: restart ICE";
    case ErrorCode::address_family_not_supported:
    case ErrorCode::peer_address_family_mismatch:
      return "give the server relay addresses of both families";
    case ErrorCode::unsupported_transport:
      return "this server relays no UDP: use another one";
    case ErrorCode::allocation_quota_reached:
      return "this user has all the allocations that the server permits: close other connections, "
             "or raise the server's quota";
    case ErrorCode::insufficient_capacity:
      return "the server is full: try again in a minute, or use another one";
    case ErrorCode::unknown_attribute:
    case ErrorCode::bad_request:
      return "the server may be too old, or not a TURN server: check the URL";
    case ErrorCode::role_conflict:
    case ErrorCode::server_error:
      break;
  }
  return "look into the server's log";
}

}  // namespace

std::string_view to_string(TurnFailure::Phase phase) {
  switch (phase) {
    case TurnFailure::Phase::connection:
      return "connection";
    case TurnFailure::Phase::allocation:
      return "allocation";
    case TurnFailure::Phase::refresh:
      return "refresh";
  }
  return "unknown";
}

TurnFailure TurnFailure::refused(Phase phase, ErrorCode code, std::string_view reason) {
  const auto number = static_cast<std::uint16_t>(code);
  std::string cause = "the server answered " + std::to_string(number) + " ";
  // The server's words come off the network: bounded, and never without ours.
  cause += to_string(code) == "unknown" ? reason.substr(0, 128) : to_string(code);
  return {phase, number, std::move(cause), advice(code)};
}

TurnFailure TurnFailure::silent(Phase phase) {
  return {phase, 701, "the server does not answer",
          phase == Phase::refresh
              ? "it has gone, or the way to it: restart ICE once it is back, or use another one"
              : "check the host, the port and that firewalls let UDP or TCP through to it; where "
                "they do not, offer the server over TLS on port 443"};
}

TurnFailure TurnFailure::broken(Phase phase, core::PathError error) {
  const bool certificate = error == core::PathError::bad_certificate;
  const bool lost = phase == Phase::refresh;
  return {phase, 701,
          (lost ? "the way to the server broke: " : "the server cannot be reached: ") +
              std::string{to_string(error)},
          certificate ? "give the server a certificate for the name in the URL, from an authority "
                        "that this host trusts"
          : lost      ? "restart ICE once the server is back, or use another one"
                      : "check the host, the port and the transport, and that the server runs"};
}

TurnFailure TurnFailure::other(Phase phase, std::string cause, std::string_view next_step) {
  return {phase, 701, std::move(cause), next_step};
}

std::string TurnFailure::text(const Server& server, const core::Address& address) const {
  std::string text = "TURN " + std::string{to_string(phase)} + " at ";
  text += server.url.empty() ? "turn:" + server.host : server.url;
  text +=
      " (" + address.text() + " over " + std::string{to_string(server.transport)} + ") failed: ";
  return text + cause + "; " + std::string{next_step};
}

}  // namespace lucid::ice
