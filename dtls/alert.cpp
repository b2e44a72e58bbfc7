#include "dtls/alert.hpp"

namespace lucid::dtls {

namespace {

struct Entry {
  Alert alert;
  std::string_view name;
  std::string_view meaning;
};

constexpr Entry entries[] = {
    {Alert::close_notify, "close_notify", "the peer ended the association in good order"},
    {Alert::unexpected_message, "unexpected_message",
     "a message came that has no place at this point; are both ends in the same role?"},
    {Alert::bad_record_mac, "bad_record_mac", "a record did not authenticate"},
    {Alert::record_overflow, "record_overflow", "a record was longer than allowed"},
    {Alert::handshake_failure, "handshake_failure",
     "no cipher suite, group or SRTP profile in common, or the certificate was refused"},
    {Alert::bad_certificate, "bad_certificate",
     "the certificate is not the one whose fingerprint was signalled"},
    {Alert::unsupported_certificate, "unsupported_certificate",
     "the certificate's kind of key is not accepted"},
    {Alert::certificate_revoked, "certificate_revoked", "the certificate was revoked"},
    {Alert::certificate_expired, "certificate_expired",
     "the certificate's dates have passed: make a new one, or set the clock"},
    {Alert::certificate_unknown, "certificate_unknown",
     "the certificate was refused for a reason that has no alert of its own"},
    {Alert::illegal_parameter, "illegal_parameter", "a field had a value that it must not have"},
    {Alert::unknown_ca, "unknown_ca",
     "the certificate was checked against authorities: a WebRTC peer must not do that"},
    {Alert::access_denied, "access_denied", "the certificate was valid, but not welcome"},
    {Alert::decode_error, "decode_error", "a message could not be parsed"},
    {Alert::decrypt_error, "decrypt_error", "a signature or the Finished message did not verify"},
    {Alert::protocol_version, "protocol_version", "no DTLS version in common: 1.2 is needed"},
    {Alert::insufficient_security, "insufficient_security",
     "the suites offered were too weak for the other end"},
    {Alert::internal_error, "internal_error", "an error that has nothing to do with the peer"},
    {Alert::inappropriate_fallback, "inappropriate_fallback",
     "a lower version was tried than both ends have: somebody may be tampering"},
    {Alert::user_canceled, "user_canceled", "the handshake was given up by its user"},
    {Alert::no_renegotiation, "no_renegotiation", "a new handshake inside the old was refused"},
    {Alert::missing_extension, "missing_extension", "a needed extension was not offered"},
    {Alert::unsupported_extension, "unsupported_extension",
     "an extension was answered that had not been offered"},
    {Alert::unrecognized_name, "unrecognized_name", "the server does not go by that name"},
    {Alert::bad_certificate_status_response, "bad_certificate_status_response",
     "the certificate's status was not valid"},
    {Alert::unknown_psk_identity, "unknown_psk_identity", "the pre-shared key is not known"},
    {Alert::certificate_required, "certificate_required", "the client sent no certificate"},
    {Alert::no_application_protocol, "no_application_protocol",
     "no application protocol (ALPN) in common"},
};

const Entry* find(Alert alert) {
  for (const Entry& entry : entries) {
    if (entry.alert == alert) return &entry;
  }
  return nullptr;
}

}  // namespace

std::string_view to_string(Alert alert) {
  const Entry* entry = find(alert);
  return entry != nullptr ? entry->name : "unknown_alert";
}

std::string_view explain(Alert alert) {
  const Entry* entry = find(alert);
  return entry != nullptr ? entry->meaning : "an alert that IANA has not registered";
}

}  // namespace lucid::dtls
