// SHA1_Init and its kin are deprecated in favour of contexts that cannot be copied without a heap
// allocation. There is no other way to keep a keyed state: docs/decisions/0012.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "srtp/detail/crypto.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace lucid::srtp::detail {

namespace {

const EVP_CIPHER* counter_mode(std::size_t key_size) {
  switch (key_size) {
    case 16:
      return EVP_aes_128_ctr();
    case 24:
      return EVP_aes_192_ctr();
    case 32:
      return EVP_aes_256_ctr();
    default:
      return nullptr;
  }
}

}  // namespace

void wipe(core::MutableBytes secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

bool CounterMode::set_key(core::Bytes key) {
  context_.reset(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher = counter_mode(key.size());
  return context_ && cipher != nullptr &&
         EVP_EncryptInit_ex(context_.get(), cipher, nullptr, key.data(), nullptr) == 1;
}

bool CounterMode::crypt(const Iv& iv, core::Bytes in, std::uint8_t* out) {
  int size = 0;
  return EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data()) == 1 &&
         (in.empty() || EVP_EncryptUpdate(context_.get(), out, &size, in.data(),
                                          static_cast<int>(in.size())) == 1);
}

bool Gcm::set_key(core::Bytes key, Direction direction) {
  context_.reset(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher = key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
  return context_ && EVP_CipherInit_ex(context_.get(), cipher, nullptr, key.data(), nullptr,
                                       direction == Direction::send ? 1 : 0) == 1;
}

bool Gcm::begin(const Iv& iv, Associated associated) {
  int size = 0;
  EVP_CIPHER_CTX* context = context_.get();
  if (EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv.data(), -1) != 1) return false;
  for (const core::Bytes part : {associated.first, associated.second}) {
    if (!part.empty() && EVP_CipherUpdate(context, nullptr, &size, part.data(),
                                          static_cast<int>(part.size())) != 1) {
      return false;
    }
  }
  return true;
}

bool Gcm::seal(const Iv& iv, Associated associated, core::Bytes plain, std::uint8_t* out) {
  int size = 0;
  EVP_CIPHER_CTX* context = context_.get();
  return begin(iv, associated) &&
         (plain.empty() || EVP_CipherUpdate(context, out, &size, plain.data(),
                                            static_cast<int>(plain.size())) == 1) &&
         EVP_CipherFinal_ex(context, out + plain.size(), &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, out + plain.size()) == 1;
}

bool Gcm::open(const Iv& iv, Associated associated, core::Bytes tagged, std::uint8_t* out) {
  int size = 0;
  EVP_CIPHER_CTX* context = context_.get();
  const core::Bytes cipher_text = tagged.first(tagged.size() - tag_size);
  // The library takes the tag through a pointer that is not const; it only reads it.
  auto* tag = const_cast<std::uint8_t*>(tagged.last(tag_size).data());
  return begin(iv, associated) &&
         (cipher_text.empty() || EVP_CipherUpdate(context, out, &size, cipher_text.data(),
                                                  static_cast<int>(cipher_text.size())) == 1) &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, tag) == 1 &&
         EVP_CipherFinal_ex(context, out + cipher_text.size(), &size) == 1;
}

// RFC 2104 2: the key, padded to a block, is mixed with one pattern inside and another outside.
void HmacSha1::set_key(core::Bytes key) {
  std::array<std::uint8_t, SHA_CBLOCK> block{};
  core::check(key.size() <= block.size());
  std::ranges::copy(key, block.begin());
  for (std::uint8_t& byte : block) byte ^= 0x36;
  SHA1_Init(&inner_);
  SHA1_Update(&inner_, block.data(), block.size());
  for (std::uint8_t& byte : block) byte ^= 0x36 ^ 0x5C;
  SHA1_Init(&outer_);
  SHA1_Update(&outer_, block.data(), block.size());
  wipe(block);
}

HmacSha1::~HmacSha1() {
  OPENSSL_cleanse(&inner_, sizeof inner_);
  OPENSSL_cleanse(&outer_, sizeof outer_);
}

HmacSha1::Digest HmacSha1::sign(core::Bytes first, core::Bytes second) const {
  Digest digest;
  SHA_CTX state = inner_;
  SHA1_Update(&state, first.data(), first.size());
  SHA1_Update(&state, second.data(), second.size());
  SHA1_Final(digest.data(), &state);
  state = outer_;
  SHA1_Update(&state, digest.data(), digest.size());
  SHA1_Final(digest.data(), &state);
  return digest;
}

bool derive(const MasterKey& master, Kind kind, Label label, core::MutableBytes out) {
  // RFC 3711 4.3.1: the label stands at the eighth byte of a 14-byte salt. RFC 7714 11: the shorter
  // salt of AEAD is filled up with zeros on the right.
  CounterMode::Iv iv{};
  if (master.salt.size() > 14) return false;
  std::ranges::copy(master.salt, iv.begin());
  iv[7] ^=
      static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) + static_cast<std::uint8_t>(label));
  CounterMode prf;
  std::ranges::fill(out, std::uint8_t{0});
  return prf.set_key(master.key) && prf.crypt(iv, out, out.data());
}

}  // namespace lucid::srtp::detail
