#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/effects.hpp"
#include "ice/config.hpp"
#include "stun/attributes.hpp"

namespace lucid::ice {

// Why a relay is not to be had, or no longer: what was being done, with whom, what happened, and
// what to do about it.
struct TurnFailure {
  enum class Phase : std::uint8_t { connection, allocation, refresh };

  Phase phase = Phase::connection;
  // STUN's, or 701 for a server that cannot be reached (W3C webrtc-pc 4.8.1.3).
  std::uint16_t code = 701;
  std::string cause;
  std::string_view next_step;

  static TurnFailure refused(Phase phase, stun::ErrorCode code, std::string_view reason);
  static TurnFailure silent(Phase phase);
  static TurnFailure broken(Phase phase, core::PathError error);
  static TurnFailure other(Phase phase, std::string cause, std::string_view next_step);

  // "TURN allocation at turn:turn.example.org (192.0.2.1:3478 over udp) failed: ..."
  std::string text(const Server& server, const core::Address& address) const;
};
std::string_view to_string(TurnFailure::Phase phase);

}  // namespace lucid::ice
