#include "dtls/session.hpp"

#include <gtest/gtest.h>

#include "tests/dtls/pair.hpp"

namespace lucid::dtls {
namespace {

using namespace std::chrono_literals;
using namespace test;

std::string text(const Session::Data& data) { return std::string{core::as_text(data.bytes)}; }

// One handshake message in one record, cut into two records of half of it each.
std::array<std::vector<std::uint8_t>, 2> in_two_pieces(core::Bytes datagram) {
  constexpr std::size_t heads = 13 + 12;
  const core::Bytes body = datagram.subspan(heads);
  const std::size_t half = body.size() / 2;
  std::array<std::vector<std::uint8_t>, 2> out;
  for (std::size_t i = 0; i < 2; ++i) {
    const core::Bytes part = i == 0 ? body.first(half) : body.subspan(half);
    out[i].assign(datagram.begin(), datagram.begin() + heads);
    out[i][10] = static_cast<std::uint8_t>(40 * i);  // a sequence number the client does not use
    core::ByteWriter{core::MutableBytes{out[i]}.subspan(11)}.u16(
        static_cast<std::uint16_t>(12 + part.size()));
    core::ByteWriter piece{core::MutableBytes{out[i]}.subspan(19)};
    piece.u24(static_cast<std::uint32_t>(i * half));
    piece.u24(static_cast<std::uint32_t>(part.size()));
    out[i].insert(out[i].end(), part.begin(), part.end());
  }
  return out;
}

// RFC 5764 4.2
TEST(DtlsSession, GivesBothEndsTheSameKeysCrosswise) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  const auto& left = *sim.left.first<Session::Connected>();
  const auto& right = *sim.right.first<Session::Connected>();
  ASSERT_TRUE(left.srtp && right.srtp);
  EXPECT_EQ(left.srtp->profile, SrtpProfile::aead_aes_128_gcm);
  EXPECT_EQ(left.srtp->local.key.size(), 16U);
  EXPECT_EQ(left.srtp->local.salt.size(), 12U);
  EXPECT_EQ(left.srtp->local.key, right.srtp->remote.key);
  EXPECT_EQ(left.srtp->local.salt, right.srtp->remote.salt);
  EXPECT_EQ(left.srtp->remote.key, right.srtp->local.key);
  EXPECT_NE(left.srtp->remote.key, left.srtp->local.key);
  EXPECT_EQ(left.peer_certificate, bob().der());
  EXPECT_EQ(right.peer_fingerprint, alice().fingerprint());
  EXPECT_EQ(left.cipher_suite, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  EXPECT_TRUE(left.extended_master_secret && right.extended_master_secret);  // RFC 7627 5.2
}

TEST(DtlsSession, HasKeysOnBothSidesAfterTwoRoundTrips) {
  Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.delay = 50ms}};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  EXPECT_EQ(*sim.left.time_of<Session::Connected>() - sim::virtual_start, 200ms);
  EXPECT_EQ(*sim.right.time_of<Session::Connected>() - sim::virtual_start, 150ms);
  EXPECT_EQ(sim.left.machine.stats().retransmissions, 0U);
  EXPECT_EQ(sim.left.machine.next_timeout(), std::nullopt);
  EXPECT_EQ(sim.right.machine.next_timeout(), std::nullopt);
}

TEST(DtlsSession, CarriesDataBothWaysWithBordersKept) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  ASSERT_TRUE(sim.left->send(core::as_bytes("one"), sim.now()));
  ASSERT_TRUE(sim.left->send(core::as_bytes("two"), sim.now()));
  ASSERT_TRUE(sim.right->send(std::vector<std::uint8_t>(1100, 7), sim.now()));
  sim.run_for(1s);
  ASSERT_EQ(sim.right.count<Session::Data>(), 2U);
  EXPECT_EQ(text(*sim.right.first<Session::Data>()), "one");
  EXPECT_EQ(text(*sim.right.last<Session::Data>()), "two");
  ASSERT_EQ(sim.left.count<Session::Data>(), 1U);
  EXPECT_EQ(sim.left.first<Session::Data>()->bytes.size(), 1100U);
}

TEST(DtlsSession, RefusesToSendBeforeItIsConnectedAndWhatIsTooLarge) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  EXPECT_EQ(sim.left->send(core::as_bytes("x"), sim.now()).error(), SendError::not_connected);
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  EXPECT_EQ(sim.left->send(std::vector<std::uint8_t>(16385), sim.now()).error(),
            SendError::too_large);
}

// RFC 5246 7.2.1
TEST(DtlsSession, AnswersCloseNotifyWithItsOwn) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  sim.left->close(sim.now());
  sim.run_for(1s);
  EXPECT_TRUE(sim.right.saw<Session::Closed>());
  EXPECT_EQ(sim.right.machine.state(), State::closed);
  EXPECT_EQ(sim.left.machine.state(), State::closed);
  EXPECT_EQ(sim.right.machine.stats().alerts_received, 1U);
  EXPECT_EQ(sim.right.machine.stats().alerts_sent, 1U);
}

TEST(DtlsSession, KeepsWhatComesBeforeItsStart) {
  Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.delay = 10ms}};
  sim.left->set_remote_fingerprints({bob().fingerprint()}, sim.now());
  sim.left->start(Role::client, SrtpUse::required, sim.now());
  sim.run_for(100ms);
  EXPECT_EQ(sim.right.machine.stats().early_kept, 1U);
  sim.right->set_remote_fingerprints({alice().fingerprint()}, sim.now());
  sim.right->start(Role::server, SrtpUse::required, sim.now());
  ASSERT_TRUE(connect(sim));
  EXPECT_EQ(sim.left.machine.stats().retransmissions, 0U);
}

TEST(DtlsSession, KeepsOnlySoMuchThatComesEarly) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  const std::vector<std::uint8_t> datagram(100, 22);
  for (int i = 0; i < 20; ++i) sim.right->handle_datagram(datagram, sim.now());
  EXPECT_EQ(sim.right.machine.stats().early_kept, 16U);
  EXPECT_EQ(sim.right.machine.stats().dropped_early, 4U);
  Simulation other{make(config_with(alice())), make(config_with(bob()))};
  const std::vector<std::uint8_t> large(3000, 22);
  for (int i = 0; i < 5; ++i) other.right->handle_datagram(large, other.now());
  EXPECT_EQ(other.right.machine.stats().early_kept, 2U);
}

// RFC 8122 6.2
TEST(DtlsSession, ReleasesNothingBeforeTheFingerprintsAreKnown) {
  Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.delay = 10ms}};
  sim.left->set_remote_fingerprints({bob().fingerprint()}, sim.now());
  sim.right->start(Role::server, SrtpUse::required, sim.now());
  sim.left->start(Role::client, SrtpUse::required, sim.now());
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<Session::Connected>(); }, 10s));
  ASSERT_TRUE(sim.left->send(core::as_bytes("early"), sim.now()));
  sim.run_for(10s);
  EXPECT_TRUE(sim.right.events.empty());
  EXPECT_FALSE(sim.right->export_keying_material("EXPORTER-test", 16));
  sim.right->set_remote_fingerprints({alice().fingerprint()}, sim.now());
  sim.run_for(1s);
  EXPECT_TRUE(sim.right.saw<Session::Connected>());
  ASSERT_TRUE(sim.right.saw<Session::Data>());
  EXPECT_EQ(text(*sim.right.first<Session::Data>()), "early");
}

// RFC 5705 4
TEST(DtlsSession, ExportsTheSameMaterialAtBothEnds) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  const auto left = sim.left->export_keying_material("EXPORTER-lucid", 48);
  const auto right = sim.right->export_keying_material("EXPORTER-lucid", 48);
  ASSERT_TRUE(left && right);
  EXPECT_EQ(*left, *right);
  EXPECT_NE(*left, *sim.left->export_keying_material("EXPORTER-other", 48));
}

TEST(DtlsSession, NegotiatesEachSrtpProfile) {
  for (const auto& [profile, key, salt] : {std::tuple{SrtpProfile::aes128_cm_sha1_80, 16U, 14U},
                                           std::tuple{SrtpProfile::aead_aes_128_gcm, 16U, 12U},
                                           std::tuple{SrtpProfile::aead_aes_256_gcm, 32U, 12U}}) {
    Session::Config only = config_with(alice());
    only.srtp_profiles = {profile};
    Simulation sim{make(only), make(config_with(bob()))};
    introduce(sim);
    ASSERT_TRUE(connect(sim));
    const SrtpKeys& keys = *sim.right.first<Session::Connected>()->srtp;
    EXPECT_EQ(keys.profile, profile);
    EXPECT_EQ(keys.local.key.size(), key);
    EXPECT_EQ(keys.local.salt.size(), salt);
  }
}

TEST(DtlsSession, LetsADataOnlyPeerDoWithoutSrtp) {
  Session::Config without = config_with(alice());
  without.srtp_profiles.clear();
  Simulation sim{make(without), make(config_with(bob()))};
  introduce(sim, alice(), bob(), SrtpUse::optional);
  ASSERT_TRUE(connect(sim));
  EXPECT_FALSE(sim.right.first<Session::Connected>()->srtp);
}

// RFC 6347 4.2.3
TEST(DtlsSession, FragmentsLongFlightsToTheMtu) {
  const Certificate rsa = make_certificate({.key = KeyType::rsa});
  Session::Config small = config_with(rsa);
  small.mtu = 300;
  Simulation sim{make(small), make(small), sim::Link{.delay = 10ms, .mtu = 328}};
  introduce(sim, rsa, rsa);
  ASSERT_TRUE(connect(sim, 10s));
  EXPECT_EQ(sim.left_to_right.stats().too_big, 0U);
  EXPECT_EQ(*sim.left.time_of<Session::Connected>() - sim::virtual_start, 40ms);
}

// RFC 6347 4.2.3: a browser's ClientHello, with its post-quantum share, comes in two datagrams.
TEST(DtlsSession, TakesAClientHelloInTwoDatagramsInEitherOrder) {
  for (const bool swapped : {false, true}) {
    Simulation sim{make(config_with(alice())), make(config_with(bob()))};
    sim.right->set_remote_fingerprints({alice().fingerprint()}, sim.now());
    sim.right->start(Role::server, SrtpUse::required, sim.now());
    sim.left_to_right.filter([&, first = true](sim::Packet& packet) mutable {
      if (!std::exchange(first, false)) return true;
      auto pieces = in_two_pieces(packet.bytes);
      if (swapped) std::swap(pieces[0], pieces[1]);
      for (const auto& piece : pieces) sim.right->handle_datagram(piece, sim.now());
      return false;
    });
    sim.left->set_remote_fingerprints({bob().fingerprint()}, sim.now());
    sim.left->start(Role::client, SrtpUse::required, sim.now());
    ASSERT_TRUE(connect(sim, 300ms)) << "without a repetition";
  }
}

TEST(DtlsSession, ServesTwoSessionsFromOneCertificateThatIsGone) {
  std::optional<Certificate> shared = make_certificate();
  const Fingerprint fingerprint = shared->fingerprint();
  Simulation first{make(config_with(*shared)), make(config_with(*shared))};
  shared.reset();
  for (auto* side : {&first.left, &first.right}) {
    (*side)->set_remote_fingerprints({fingerprint}, first.now());
  }
  first.right->start(Role::server, SrtpUse::required, first.now());
  first.left->start(Role::client, SrtpUse::required, first.now());
  EXPECT_TRUE(connect(first));
}

}  // namespace
}  // namespace lucid::dtls
