#pragma once
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/handle.hpp"
#include "dtls/certificate.hpp"

namespace lucid::dtls::detail {

// What a Certificate owns: the library's context, which in turn owns the key and the certificate
// and counts its users, so that sessions may outlive the Certificate they were made from.
struct Credentials {
  core::Handle<SSL_CTX, SSL_CTX_free> context;
  std::vector<std::uint8_t> der;

  std::unique_ptr<Credentials> share() const;
  X509* certificate() const { return SSL_CTX_get0_certificate(context.get()); }
  EVP_PKEY* key() const { return SSL_CTX_get0_privatekey(context.get()); }
};

// Versions, suites and options: everything that is the same for all sessions. See engine.cpp.
core::Handle<SSL_CTX, SSL_CTX_free> make_context();

std::vector<std::uint8_t> to_der(X509* certificate);
core::WallClock::Microseconds unix_time(const ASN1_TIME* time);
// nullopt for keys that are too weak or of another kind.
std::optional<KeyType> key_type_of(EVP_PKEY* key);

}  // namespace lucid::dtls::detail
