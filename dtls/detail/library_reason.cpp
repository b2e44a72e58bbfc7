#include "dtls/detail/library_reason.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace lucid::dtls::detail {

FailureReason meaning_of(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return FailureReason::protocol_error;
  switch (ERR_GET_REASON(error)) {
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_WRONG_SIGNATURE_TYPE:
    case SSL_R_WRONG_CURVE:
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_NO_CIPHERS_SPECIFIED:
    case SSL_R_VERSION_TOO_LOW:
      return FailureReason::insufficient_security;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return FailureReason::no_certificate;
    // RFC 5246 7.4.8, 7.4.9: both ends sign, and then hash, all messages that they have seen.
    case SSL_R_BAD_SIGNATURE:
    case SSL_R_DIGEST_CHECK_FAILED:
      return FailureReason::handshake_altered;
    default:
      return FailureReason::protocol_error;
  }
}

int verify_result(Alert alert) {
  switch (alert) {
    case Alert::bad_certificate:
      return X509_V_ERR_CERT_UNTRUSTED;
    case Alert::certificate_expired:
      return X509_V_ERR_CERT_HAS_EXPIRED;
    case Alert::unsupported_certificate:
      return X509_V_ERR_INVALID_PURPOSE;
    default:
      return X509_V_ERR_APPLICATION_VERIFICATION;  // handshake_failure
  }
}

}  // namespace lucid::dtls::detail
