#include "tests/srtp/vectors.hpp"

#include <gtest/gtest.h>

#include "srtp/detail/openssl_engine.hpp"

namespace lucid::srtp {
namespace {

using namespace test;
using detail::Kind;
using detail::Label;

// RFC 3711 B.2, RFC 6188 7.1 and 7.3: the key stream of AES in counter mode.
TEST(SrtpVectors, CounterModeKeyStream) {
  struct Vector {
    std::string_view key, stream;
  };
  constexpr Vector vectors[] = {
      {"2b7e151628aed2a6abf7158809cf4f3c",
       "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"},
      {"eab234764e517b2d3d160d587d8c86219740f65f99b6bcf7",
       "35096cba4610028dc1b57503804ce37c5de986291dcce161d5165ec4568f5c9a"},
      {"57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98",
       "92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac"}};
  for (const auto& [key, stream] : vectors) {
    detail::CounterMode cipher;
    ASSERT_TRUE(cipher.set_key(hex(key)));
    detail::CounterMode::Iv iv{};
    std::ranges::copy(hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd"), iv.begin());
    std::vector<std::uint8_t> out(32);
    ASSERT_TRUE(cipher.crypt(iv, out, out.data()));
    EXPECT_EQ(core::to_hex(out), stream);
  }
}

// RFC 3711 4.3.1, RFC 3711 B.3, RFC 6188 7.2 and 7.4: session keys from master keys.
TEST(SrtpVectors, KeyDerivation) {
  struct Vector {
    std::string_view key, salt, cipher_key, cipher_salt, auth_key;
  };
  constexpr Vector vectors[] = {
      {"e1f97a0d3e018be0d64fa32c06de4139", "0ec675ad498afeebb6960b3aabe6",
       "c61e7a93744f39ee10734afe3ff7a087", "30cbbc08863d8c85d49db34a9ae1",
       "cebe321f6ff7716b6fd4ab49af256a156d38baa4"},
      {"73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1", "c8522f3acd4ce86d5add78edbb11",
       "31874736a8f1143870c26e4857d8a5b2c4a354407faadabb", "2372b82d639b6d8503a47adc0a6c",
       "355b10973cd95b9eacf4061c7e1a7151e7cfbfcb"},
      {"f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6",
       "3b04803de51ee7c96423ab5b78d2",
       "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
       "fa31791685ca444a9e07c6c64e93", "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"}};
  for (const Vector& vector : vectors) {
    const MasterKey master{hex(vector.key), hex(vector.salt)};
    const auto derived = [&](Label label, std::string_view expected) {
      std::vector<std::uint8_t> out(expected.size() / 2);
      EXPECT_TRUE(detail::derive(master, Kind::rtp, label, out));
      return core::to_hex(out);
    };
    EXPECT_EQ(derived(Label::encryption, vector.cipher_key), vector.cipher_key);
    EXPECT_EQ(derived(Label::salt, vector.cipher_salt), vector.cipher_salt);
    EXPECT_EQ(derived(Label::authentication, vector.auth_key), vector.auth_key);
  }
}

// RFC 2104 2, RFC 2202 3
TEST(SrtpVectors, HmacSha1) {
  detail::HmacSha1 hmac;
  hmac.set_key(core::as_bytes("Jefe"));
  EXPECT_EQ(
      core::to_hex(hmac.sign(core::as_bytes("what do ya want "), core::as_bytes("for nothing?"))),
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

// RFC 7714 8.1, RFC 7714 8.2, RFC 7714 9.1, RFC 7714 9.2, RFC 7714 9.3, RFC 7714 16, RFC 7714 17.3:
// with session keys, through the whole packet path.
TEST(SrtpVectors, Rfc7714) {
  const auto vectors = read_vectors("rfc7714.txt");
  ASSERT_EQ(vectors.size(), 6U);
  for (const auto& v : vectors) {
    SCOPED_TRACE(v[0]);
    const Profile profile = *profile_from_name(v[1]);
    const auto plain = hex(v[5]);
    const auto expected = hex(v[6]);
    Session::Config config{.profile = profile};
    if (v[3] == "authenticated") config.rtcp = RtcpMode::authenticated;
    detail::OpensslEngine engine{config};
    ASSERT_TRUE(engine.set_session_keys({hex(v[4]), {}, hex("517569642070726f2071756f")}));
    engine.set_next_rtcp_index(0x4D617273, 0x5D4);
    std::vector<std::uint8_t> room(expected.size());
    const bool is_rtp = v[2] == "rtp";
    const auto sealed = is_rtp ? engine.protect_rtp(plain, room) : engine.protect_rtcp(plain, room);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(core::to_hex(*sealed), v[6]);
    const auto opened =
        is_rtp ? engine.unprotect_rtp(room, room) : engine.unprotect_rtcp(room, room);
    ASSERT_TRUE(opened) << to_string(opened.error());
    EXPECT_EQ(core::to_hex(*opened), v[5]);
  }
}

// RFC 3711 3.1, RFC 3711 3.4, RFC 3711 4.1.1, RFC 3711 4.2, RFC 6188 3, RFC 7714 11
TEST(SrtpVectors, WholePacketsUnderMasterKeysWithEveryEngine) {
  const auto vectors = read_vectors("packets.txt");
  ASSERT_EQ(vectors.size(), 11U);
  for (const EngineKind engine : engines()) {
    for (const auto& v : vectors) {
      SCOPED_TRACE(std::string{to_string(engine)} + ' ' + v[0] + ' ' + v[1]);
      const MasterKey master{hex(v[2]), hex(v[3])};
      auto session = Session::create({.profile = *profile_from_name(v[0]),
                                      .local = master,
                                      .remote = master,
                                      .engine = engine});
      if (!session && session.error() == SetupError::engine_cannot) continue;  // AES-192
      ASSERT_TRUE(session);
      std::vector<std::uint8_t> room(v[5].size() / 2);
      const bool is_rtp = v[1] == "rtp";
      const auto sealed =
          is_rtp ? session->protect_rtp(hex(v[4]), room) : session->protect_rtcp(hex(v[4]), room);
      ASSERT_TRUE(sealed) << to_string(sealed.error());
      EXPECT_EQ(core::to_hex(*sealed), v[5]);
      const auto opened =
          is_rtp ? session->unprotect_rtp(room, room) : session->unprotect_rtcp(room, room);
      ASSERT_TRUE(opened) << to_string(opened.error());
      EXPECT_EQ(core::to_hex(*opened), v[4]);
    }
  }
}

}  // namespace
}  // namespace lucid::srtp
