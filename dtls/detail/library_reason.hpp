#pragma once
#include "dtls/alert.hpp"
#include "dtls/failure.hpp"

namespace lucid::dtls::detail {

// What an entry of OpenSSL's error queue means; those that are not known are breaches of the
// protocol.
FailureReason meaning_of(unsigned long error);

// The X509_V_ERR_ with which OpenSSL sends this alert.
int verify_result(Alert alert);

}  // namespace lucid::dtls::detail
