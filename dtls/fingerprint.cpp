#include "dtls/fingerprint.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "core/check.hpp"
#include "core/text.hpp"

namespace lucid::dtls {

namespace {

struct Function {
  Hash hash;
  std::string_view name;
  std::size_t size;
};

// RFC 8122 5: md5 and md2 must not be used; sha-1 and sha-224 are left out with them.
constexpr std::array<Function, 3> functions{
    {{Hash::sha256, "sha-256", 32}, {Hash::sha384, "sha-384", 48}, {Hash::sha512, "sha-512", 64}}};

const Function& function(Hash hash) { return functions[static_cast<std::size_t>(hash)]; }

const EVP_MD* evp(Hash hash) {
  switch (hash) {
    case Hash::sha256:
      return EVP_sha256();
    case Hash::sha384:
      return EVP_sha384();
    case Hash::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

std::string_view to_string(Hash hash) { return function(hash).name; }

std::optional<Hash> hash_from_name(std::string_view name) {
  for (const Function& candidate : functions) {
    if (core::equal_ignoring_case(name, candidate.name)) return candidate.hash;
  }
  return std::nullopt;
}

std::size_t digest_size(Hash hash) { return function(hash).size; }

Fingerprint Fingerprint::of(Hash hash, core::Bytes certificate_der) {
  Fingerprint out{hash, std::vector<std::uint8_t>(digest_size(hash))};
  unsigned int size = 0;
  core::check(EVP_Digest(certificate_der.data(), certificate_der.size(), out.digest.data(), &size,
                         evp(hash), nullptr) == 1);
  return out;
}

std::optional<Fingerprint> Fingerprint::parse(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::optional<Hash> hash = hash_from_name(text.substr(0, blank));
  std::optional<std::vector<std::uint8_t>> bytes = core::from_hex(text.substr(blank + 1));
  if (!hash || !bytes || bytes->size() != digest_size(*hash)) return std::nullopt;
  return Fingerprint{*hash, *std::move(bytes)};
}

// RFC 8122 5: upper-case hexadecimal, the bytes separated by colons.
std::string Fingerprint::digest_text() const {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(digest.size() * 3);
  for (const std::uint8_t byte : digest) {
    if (!out.empty()) out += ':';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string Fingerprint::text() const { return std::string{to_string(hash)} + ' ' + digest_text(); }

bool matches_any(core::Bytes certificate_der, std::span<const Fingerprint> fingerprints) {
  if (fingerprints.empty()) return false;
  // RFC 8122 5: the strongest hash that was sent decides; a match of a weaker one is no match.
  const Hash strongest = std::ranges::max_element(fingerprints, {}, &Fingerprint::hash)->hash;
  const Fingerprint ours = Fingerprint::of(strongest, certificate_der);
  bool found = false;
  for (const Fingerprint& theirs : fingerprints) {
    const bool same = core::equal_constant_time(ours.digest, theirs.digest);
    found = found || (same && theirs.hash == strongest);
  }
  return found;
}

}  // namespace lucid::dtls
