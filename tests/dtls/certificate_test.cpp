#include "dtls/certificate.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/dtls/pair.hpp"

namespace lucid::dtls {
namespace {

using namespace test;

// RFC 8827 6.5
TEST(DtlsCertificate, IsEcdsaForThirtyDaysUnlessToldOtherwise) {
  const Certificate certificate = make_certificate();
  const auto now = sim::virtual_wall_clock.unix_time(sim::virtual_start);
  EXPECT_EQ(certificate.key_type(), KeyType::ecdsa);
  EXPECT_EQ(certificate.not_after() - now, std::chrono::days{30});
  EXPECT_EQ(now - certificate.not_before(), std::chrono::days{1});
  EXPECT_EQ(make_certificate({.key = KeyType::rsa}).key_type(), KeyType::rsa);
}

// RFC 5280 4.1.2.2: the serial numbers differ as well.
TEST(DtlsCertificate, EachIsAnother) {
  EXPECT_NE(make_certificate().fingerprint(), make_certificate().fingerprint());
}

TEST(DtlsCertificate, GoesToPemAndBack) {
  for (const KeyType key : {KeyType::ecdsa, KeyType::rsa}) {
    const Certificate made = make_certificate({.key = key});
    const auto loaded = Certificate::from_pem(made.private_key_pem() + made.certificate_pem());
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->der(), made.der());
    EXPECT_EQ(loaded->private_key_pem(), made.private_key_pem());
    EXPECT_EQ(loaded->not_after(), made.not_after());
    EXPECT_EQ(loaded->key_type(), key);
  }
}

TEST(DtlsCertificate, LoadedFromPemItHoldsASession) {
  const auto loaded = Certificate::from_pem(alice().certificate_pem() + alice().private_key_pem());
  Simulation sim{make(config_with(*loaded)), make(config_with(bob()))};
  introduce(sim, alice(), bob());
  EXPECT_TRUE(connect(sim));
}

std::string read(const std::string& name) {
  std::ifstream file{std::string{LUCID_VECTORS} + "/dtls/" + name};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(DtlsCertificate, RefusesPemThatIsIncompleteWeakOrMixed) {
  const auto error = [](const std::string& pem) {
    const auto loaded = Certificate::from_pem(pem);
    return loaded ? std::string_view{"loaded"} : to_string(loaded.error());
  };
  EXPECT_EQ(error(""), "bad_pem");
  EXPECT_EQ(error(alice().certificate_pem()), "bad_pem");
  EXPECT_EQ(error(alice().private_key_pem()), "bad_pem");
  EXPECT_EQ(error(alice().certificate_pem() + bob().private_key_pem()), "key_mismatch");
  EXPECT_EQ(error(read("rsa1024.pem")), "unsupported_key");
  EXPECT_EQ(error(read("ed25519.pem")), "unsupported_key");
  EXPECT_EQ(error(read("p521.pem")), "unsupported_key");
  EXPECT_EQ(error(read("secp256k1.pem")), "unsupported_key");
  EXPECT_EQ(error(read("encrypted_key.pem")), "bad_pem");
}

TEST(DtlsCertificate, RefusesALifetimeThatMakesNoSense) {
  for (const auto lifetime : {0s, -1s, std::chrono::seconds{std::chrono::days{366}}}) {
    EXPECT_EQ(Certificate::generate({.lifetime = lifetime}, sim::virtual_start).error(),
              CertificateError::bad_lifetime);
  }
}

}  // namespace
}  // namespace lucid::dtls
