#pragma once
#include <cstdint>
#include <string_view>

namespace lucid::dtls {

// Why a session has failed for good.
enum class FailureReason : std::uint8_t {
  timed_out,                // the peer stayed silent through all repetitions
  fingerprint_mismatch,     // the peer's certificate is not one that was signalled
  certificate_expired,      // the peer's
  own_certificate_expired,  // this end's
  no_srtp_profile,          // the peer cannot or will not protect media
  insufficient_security,    // no version, suite, group, signature or key in common that is safe
  no_certificate,           // the peer showed none
  handshake_altered,        // the ends did not see the same messages: somebody changed some
  alert_received,           // the peer gave up
  protocol_error,           // this end gave up
};
std::string_view to_string(FailureReason reason);
// What it means, as a clause; and what to do about it.
std::string_view explain(FailureReason reason);
std::string_view next_step(FailureReason reason);

}  // namespace lucid::dtls
