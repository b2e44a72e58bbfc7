#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"

namespace lucid::dtls {

// The hash functions of RFC 8122 5 that are still safe. The order is that of strength.
enum class Hash : std::uint8_t { sha256, sha384, sha512 };
std::string_view to_string(Hash hash);  // "sha-256"
// Names are compared without regard to case; nullopt for md5, sha-1 and the unknown.
std::optional<Hash> hash_from_name(std::string_view name);
std::size_t digest_size(Hash hash);

// The hash of a DER-encoded certificate: what an `a=fingerprint` line carries (RFC 8122 5).
struct Fingerprint {
  Hash hash = Hash::sha256;
  std::vector<std::uint8_t> digest;

  static Fingerprint of(Hash hash, core::Bytes certificate_der);
  // "sha-256 4A:AD:B9:..."; nullopt when the hash is not accepted or the digest has a wrong length.
  static std::optional<Fingerprint> parse(std::string_view text);
  std::string digest_text() const;  // "4A:AD:B9:..."
  std::string text() const;         // "sha-256 4A:AD:B9:..."
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// RFC 8122 5: of several fingerprints those with the strongest hash count, and one of them must be
// the certificate's. Compared in constant time; an empty list matches nothing.
bool matches_any(core::Bytes certificate_der, std::span<const Fingerprint> fingerprints);

}  // namespace lucid::dtls
