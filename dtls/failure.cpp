#include "dtls/failure.hpp"

namespace lucid::dtls {

std::string_view to_string(FailureReason reason) {
  switch (reason) {
    case FailureReason::timed_out:
      return "timed_out";
    case FailureReason::fingerprint_mismatch:
      return "fingerprint_mismatch";
    case FailureReason::certificate_expired:
      return "certificate_expired";
    case FailureReason::own_certificate_expired:
      return "own_certificate_expired";
    case FailureReason::no_srtp_profile:
      return "no_srtp_profile";
    case FailureReason::insufficient_security:
      return "insufficient_security";
    case FailureReason::no_certificate:
      return "no_certificate";
    case FailureReason::handshake_altered:
      return "handshake_altered";
    case FailureReason::alert_received:
      return "alert_received";
    case FailureReason::protocol_error:
      return "protocol_error";
  }
  return "";
}

std::string_view explain(FailureReason reason) {
  switch (reason) {
    case FailureReason::timed_out:
      return "the peer answered neither the handshake nor any of its repetitions";
    case FailureReason::fingerprint_mismatch:
      return "the peer's certificate matches none of the fingerprints that were signalled";
    case FailureReason::certificate_expired:
      return "the peer's certificate has expired";
    case FailureReason::own_certificate_expired:
      return "this end's certificate has expired";
    case FailureReason::no_srtp_profile:
      return "the peer negotiated no SRTP profile, and this transport is to carry media";
    case FailureReason::insufficient_security:
      return "no version, cipher suite, group, signature or key in common that is safe";
    case FailureReason::no_certificate:
      return "the peer showed no certificate, so nothing tells who it is";
    case FailureReason::handshake_altered:
      return "the two ends did not see the same messages: something on the path changed them, as "
             "one who wants a weaker suite would";
    case FailureReason::alert_received:
      return "the peer ended it with an alert";
    case FailureReason::protocol_error:
      return "the peer sent what the protocol does not allow";
  }
  return "";
}

std::string_view next_step(FailureReason reason) {
  switch (reason) {
    case FailureReason::timed_out:
      return "check that the path carries datagrams both ways";
    case FailureReason::fingerprint_mismatch:
      return "compare a=fingerprint of the remote description with the peer's certificate";
    case FailureReason::certificate_expired:
      return "give the peer a new certificate, or this host a right clock";
    case FailureReason::own_certificate_expired:
      return "generate a new certificate";
    case FailureReason::no_srtp_profile:
      return "have the peer offer use_srtp with a known profile";
    case FailureReason::insufficient_security:
      return "have the peer offer DTLS 1.2 and an AEAD suite";
    case FailureReason::no_certificate:
      return "have the peer show the certificate of its a=fingerprint";
    case FailureReason::handshake_altered:
      return "look at the path, or at the peer's key: it may not be the certificate's";
    case FailureReason::alert_received:
      return "look for the alert's cause at the peer";
    case FailureReason::protocol_error:
      return "look at the messages before the alert";
  }
  return "";
}

}  // namespace lucid::dtls
