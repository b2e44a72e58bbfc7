// The low-level hash functions are deprecated in OpenSSL 3 in favour of ones that allocate and look
// up an algorithm for each message; ours start from a state that is kept, four times as fast.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "stun/integrity.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <string>

#include "stun/detail/crc32.hpp"

namespace lucid::stun {
namespace {

constexpr std::size_t block_size = 64;  // of SHA-1 and SHA-256 alike

struct Sha1Hash {
  using State = std::array<std::uint32_t, 5>;
  using Tag = Key::Sha1;

  SHA_CTX context;

  Sha1Hash() { SHA1_Init(&context); }
  // Goes on from a state reached after one block.
  explicit Sha1Hash(const State& state) : Sha1Hash{} {
    context.h0 = state[0];
    context.h1 = state[1];
    context.h2 = state[2];
    context.h3 = state[3];
    context.h4 = state[4];
    context.Nl = block_size * 8;
  }
  State state() const { return {context.h0, context.h1, context.h2, context.h3, context.h4}; }
  void update(core::Bytes bytes) { SHA1_Update(&context, bytes.data(), bytes.size()); }
  Tag finish() {
    Tag tag;
    SHA1_Final(tag.data(), &context);
    return tag;
  }
};

struct Sha256Hash {
  using State = std::array<std::uint32_t, 8>;
  using Tag = Key::Sha256;

  SHA256_CTX context;

  Sha256Hash() { SHA256_Init(&context); }
  explicit Sha256Hash(const State& state) : Sha256Hash{} {
    std::ranges::copy(state, context.h);
    context.Nl = block_size * 8;
  }
  State state() const {
    State state;
    std::ranges::copy(context.h, state.begin());
    return state;
  }
  void update(core::Bytes bytes) { SHA256_Update(&context, bytes.data(), bytes.size()); }
  Tag finish() {
    Tag tag;
    SHA256_Final(tag.data(), &context);
    return tag;
  }
};

// RFC 2104 2: the state after the first block, the key under a pad.
template <class Hash>
typename Hash::State padded_state(core::Bytes secret, std::uint8_t pad) {
  std::array<std::uint8_t, block_size> block{};
  if (secret.size() > block_size) {
    Hash hash;
    hash.update(secret);
    std::ranges::copy(hash.finish(), block.begin());
  } else {
    std::ranges::copy(secret, block.begin());
  }
  for (std::uint8_t& byte : block) byte ^= pad;
  Hash hash;
  hash.update(block);
  return hash.state();
}

template <class Hash>
typename Hash::Tag hmac(const typename Hash::State& inner, const typename Hash::State& outer,
                        core::Bytes head, core::Bytes body) {
  Hash hash{inner};
  hash.update(head);
  if (!body.empty()) hash.update(body);
  const typename Hash::Tag digest = hash.finish();
  Hash last{outer};
  last.update(digest);
  return last.finish();
}

// What an integrity attribute covers: the header with the length that the message had when the
// attribute had just been added, and what stands between.
struct Covered {
  std::array<std::uint8_t, header_size> header;
  core::Bytes body;
};

Covered covered(const Message& message, std::size_t attribute_at, std::size_t value_size) {
  Covered result{};
  std::ranges::copy(message.bytes().first(header_size), result.header.begin());
  const std::size_t length = attribute_at - header_size + 4 + value_size;
  result.header[2] = static_cast<std::uint8_t>(length >> 8);
  result.header[3] = static_cast<std::uint8_t>(length);
  result.body = message.bytes().subspan(header_size, attribute_at - header_size);
  return result;
}

std::size_t offset_of(const Message& message, core::Bytes value) {
  return static_cast<std::size_t>(value.data() - message.bytes().data()) - 4;
}

}  // namespace

Key::Key(core::Bytes secret)
    : sha1_{padded_state<Sha1Hash>(secret, 0x36), padded_state<Sha1Hash>(secret, 0x5C)},
      sha256_{padded_state<Sha256Hash>(secret, 0x36), padded_state<Sha256Hash>(secret, 0x5C)} {}

Key Key::long_term(std::string_view username, std::string_view realm, std::string_view password,
                   PasswordAlgorithm algorithm) {
  std::string joined{username};
  joined.append(":").append(realm).append(":").append(password);
  const EVP_MD* hash = algorithm == PasswordAlgorithm::sha256 ? EVP_sha256() : EVP_md5();
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(joined.data(), joined.size(), digest.data(), &size, hash, nullptr);
  return Key{core::Bytes{digest}.first(size)};
}

Key::Sha1 Key::sha1(core::Bytes head, core::Bytes body) const {
  return hmac<Sha1Hash>(sha1_.inner, sha1_.outer, head, body);
}

Key::Sha256 Key::sha256(core::Bytes head, core::Bytes body) const {
  return hmac<Sha256Hash>(sha256_.inner, sha256_.outer, head, body);
}

Integrity check_integrity(const Message& message, const Key& key, CutTags cut_tags) {
  if (const auto tag = message.find(AttributeType::message_integrity_sha256)) {
    // RFC 8489 14.6: where it may be cut at all, to no less than 16 bytes, in steps of four.
    const std::size_t least = cut_tags == CutTags::allowed ? 16 : 32;
    if (tag->size() < least || tag->size() > 32 || tag->size() % 4 != 0) return Integrity::invalid;
    const Covered part = covered(message, offset_of(message, *tag), tag->size());
    const Key::Sha256 wanted = key.sha256(part.header, part.body);
    return core::equal_constant_time(*tag, core::Bytes{wanted}.first(tag->size()))
               ? Integrity::valid
               : Integrity::invalid;
  }
  const auto tag = message.find(AttributeType::message_integrity);
  if (!tag) return Integrity::absent;
  if (tag->size() != 20) return Integrity::invalid;
  const Covered part = covered(message, offset_of(message, *tag), tag->size());
  const Key::Sha1 wanted = key.sha1(part.header, part.body);
  return core::equal_constant_time(*tag, wanted) ? Integrity::valid : Integrity::invalid;
}

Integrity check_fingerprint(const Message& message) {
  const auto value = message.find(AttributeType::fingerprint);
  if (!value) return Integrity::absent;
  const std::size_t at = offset_of(message, *value);
  // RFC 8489 14.7: it is the last attribute, so the length in the header stands as it is.
  if (value->size() != 4 || at + 8 != message.bytes().size()) return Integrity::invalid;
  const std::uint32_t sum = detail::crc32(message.bytes().first(at)) ^ detail::fingerprint_mask;
  return core::ByteReader{*value}.u32() == sum ? Integrity::valid : Integrity::invalid;
}

Key::Sha256 userhash(std::string_view username, std::string_view realm) {
  Sha256Hash hash;
  hash.update(core::as_bytes(username));
  hash.update(core::as_bytes(":"));
  hash.update(core::as_bytes(realm));
  return hash.finish();
}

std::string_view to_string(Integrity integrity) {
  switch (integrity) {
    case Integrity::absent:
      return "absent";
    case Integrity::valid:
      return "valid";
    case Integrity::invalid:
      return "invalid";
  }
  return "unknown";
}

}  // namespace lucid::stun
