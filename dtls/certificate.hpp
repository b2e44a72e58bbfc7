#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "dtls/fingerprint.hpp"

namespace lucid::dtls {

namespace detail {
struct Credentials;
}

// Made here: ECDSA on P-256, RSA of 2048 bits.
enum class KeyType : std::uint8_t { ecdsa, rsa };
std::string_view to_string(KeyType type);

enum class CertificateError : std::uint8_t {
  bad_lifetime,     // zero, negative, or beyond a year
  bad_pem,          // no certificate, or no private key without a password
  key_mismatch,     // the private key is not the certificate's
  unsupported_key,  // neither ECDSA on P-256 or P-384, nor RSA of 2048 bits or more
  library,          // OpenSSL would not
};
std::string_view to_string(CertificateError error);

// A certificate with its private key, the identity of one end of DTLS (RFC 8827 6.5). A cheap
// value: copies share the key and the library's context, so one certificate serves many sessions.
class Certificate {
 public:
  struct Config {
    KeyType key = KeyType::ecdsa;
    std::chrono::seconds lifetime = std::chrono::days{30};
    core::WallClock wall_clock;  // what its dates are read from
  };

  // A fresh key and a self-signed certificate for it; 0.25 ms for ECDSA. The name in it and its
  // serial number are random and tell nothing about the host (RFC 8827 9.3).
  [[nodiscard]] static std::expected<Certificate, CertificateError> generate(const Config& config,
                                                                             core::Time now);
  // Both in one text, in any order.
  [[nodiscard]] static std::expected<Certificate, CertificateError> from_pem(std::string_view pem);

  Certificate(const Certificate& other);
  Certificate& operator=(const Certificate& other);
  Certificate(Certificate&& other) noexcept;
  Certificate& operator=(Certificate&& other) noexcept;
  ~Certificate();

  KeyType key_type() const;
  const std::vector<std::uint8_t>& der() const;
  Fingerprint fingerprint(Hash hash = Hash::sha256) const;
  // Since 1970, as core::WallClock counts.
  core::WallClock::Microseconds not_before() const;
  core::WallClock::Microseconds not_after() const;

  std::string certificate_pem() const;
  std::string private_key_pem() const;  // PKCS #8, not encrypted: keep it well

 private:
  friend class Session;
  explicit Certificate(std::unique_ptr<detail::Credentials> credentials);

  std::unique_ptr<detail::Credentials> credentials_;
};

}  // namespace lucid::dtls
