#include "dtls/fingerprint.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lucid::dtls {
namespace {

const std::vector<std::uint8_t> abc{'a', 'b', 'c'};

// RFC 8122 5; the digests are those of FIPS 180-4's example message "abc".
TEST(DtlsFingerprint, IsPrintedAndReadAsInSdp) {
  const Fingerprint fingerprint = Fingerprint::of(Hash::sha256, abc);
  const std::string text =
      "sha-256 BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:"
      "F2:00:15:AD";
  EXPECT_EQ(fingerprint.text(), text);
  EXPECT_EQ(Fingerprint::parse(text), fingerprint);
  EXPECT_EQ(
      Fingerprint::parse("SHA-256 ba:78:16:bf:8f:01:cf:ea:41:41:40:de:5d:ae:22:23:b0:03:61:a3:"
                         "96:17:7a:9c:b4:10:ff:61:f2:00:15:ad"),
      fingerprint);
  for (const Hash hash : {Hash::sha384, Hash::sha512}) {
    EXPECT_EQ(Fingerprint::parse(Fingerprint::of(hash, abc).text()), Fingerprint::of(hash, abc));
  }
}

TEST(DtlsFingerprint, RefusesWhatIsWeakUnknownOrOfAWrongLength) {
  for (const std::string_view text :
       {"", "sha-256", "sha-256 ", "sha-256 AB:CD", "md5 AB:CD", "sha-256 XY",
        "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB", "AB:CD sha-256"}) {
    EXPECT_EQ(Fingerprint::parse(text), std::nullopt) << text;
  }
}

// RFC 8122 5 and 6.2
TEST(DtlsFingerprint, TheStrongestHashDecides) {
  const Fingerprint right256 = Fingerprint::of(Hash::sha256, abc);
  const Fingerprint right512 = Fingerprint::of(Hash::sha512, abc);
  Fingerprint wrong256 = right256;
  wrong256.digest[0] ^= 1;
  Fingerprint wrong512 = right512;
  wrong512.digest[63] ^= 1;
  const auto matches = [](std::vector<Fingerprint> list) { return matches_any(abc, list); };
  EXPECT_TRUE(matches({right256}));
  EXPECT_TRUE(matches({wrong256, right256}));
  EXPECT_TRUE(matches({wrong256, right512}));
  EXPECT_FALSE(matches({right256, wrong512}));
  EXPECT_TRUE(matches({wrong512, right512}));
  EXPECT_FALSE(matches({wrong256}));
  EXPECT_FALSE(matches({}));
}

}  // namespace
}  // namespace lucid::dtls
