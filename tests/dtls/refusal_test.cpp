// What must not get through: refused, named, counted, and nothing released.
#include <gtest/gtest.h>

#include <fstream>

#include "dtls/record.hpp"
#include "tests/dtls/pair.hpp"

namespace lucid::dtls {
namespace {

using namespace test;

const Session::Failed& failure(const sim::Side<Session>& side) {
  static const Session::Failed none{FailureReason::timed_out, std::nullopt, "did not fail"};
  const auto* failed = side.first<Session::Failed>();
  return failed != nullptr ? *failed : none;
}

// Neither keys nor data left this end, and none of what it exports can be had.
void expect_nothing_released(const sim::Side<Session>& side) {
  EXPECT_EQ(side.count<Session::Connected>(), 0U);
  EXPECT_EQ(side.count<Session::Data>(), 0U);
  EXPECT_EQ(side.machine.export_keying_material("EXPORTER_test", 16).error(),
            ExportError::not_connected);
}

// RFC 8122 6.2
TEST(DtlsRefusal, WrongFingerprintIsToldToThePeer) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  introduce(sim, bob(), bob());  // the right expects bob, and gets alice
  EXPECT_FALSE(connect(sim, 5s));
  EXPECT_EQ(failure(sim.right).reason, FailureReason::fingerprint_mismatch);
  EXPECT_EQ(failure(sim.right).alert, Alert::bad_certificate);
  EXPECT_EQ(failure(sim.left).reason, FailureReason::alert_received);
  EXPECT_EQ(failure(sim.left).alert, Alert::bad_certificate);
  EXPECT_NE(failure(sim.left).explanation.find("the peer sent the alert bad_certificate"),
            std::string::npos);
  EXPECT_EQ(sim.right.machine.stats().refused_fingerprint, 1U);
  expect_nothing_released(sim.left);
  expect_nothing_released(sim.right);
}

TEST(DtlsRefusal, WrongFingerprintThatIsToldAfterTheHandshake) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  sim.right->start(Role::server, SrtpUse::required, sim.now());
  sim.left->start(Role::client, SrtpUse::required, sim.now());
  sim.run_for(1s);
  EXPECT_TRUE(sim.left.events.empty() && sim.right.events.empty());
  sim.right->set_remote_fingerprints({bob().fingerprint()}, sim.now());
  sim.run_for(1s);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::fingerprint_mismatch);
  EXPECT_EQ(sim.right.events.size(), 1U);
  EXPECT_EQ(sim.right.machine.stats().refused_fingerprint, 1U);
  expect_nothing_released(sim.right);
  EXPECT_EQ(sim.right->send(core::as_bytes("x"), sim.now()).error(), SendError::not_connected);
}

TEST(DtlsRefusal, ExpiredCertificateOfThePeer) {
  const Certificate old = make_certificate({.lifetime = std::chrono::hours{1}});
  Session::Config blind = config_with(old);
  blind.wall_clock = {};  // 1970: does not see that its own certificate is old
  Simulation sim{make(blind), make(config_with(bob()))};
  sim.run_for(2h);
  introduce(sim, old, bob());
  EXPECT_FALSE(connect(sim, 5s));
  EXPECT_EQ(failure(sim.right).reason, FailureReason::certificate_expired);
  EXPECT_EQ(failure(sim.right).alert, Alert::certificate_expired);
  EXPECT_EQ(failure(sim.left).alert, Alert::certificate_expired);
  EXPECT_EQ(sim.right.machine.stats().refused_certificate_date, 1U);
  expect_nothing_released(sim.left);
  expect_nothing_released(sim.right);
}

TEST(DtlsRefusal, ExpiredCertificateOfThisEnd) {
  const Certificate old = make_certificate({.lifetime = std::chrono::hours{1}});
  Simulation sim{make(config_with(old)), make(config_with(bob()))};
  sim.run_for(2h);
  introduce(sim, old, bob());
  sim.run_for(1s);
  EXPECT_EQ(failure(sim.left).reason, FailureReason::own_certificate_expired);
  EXPECT_EQ(sim.left.transmits, 0U);
  EXPECT_EQ(sim.left.machine.stats().refused_certificate_date, 1U);
  expect_nothing_released(sim.left);
}

// RFC 5764 4.1
TEST(DtlsRefusal, ClientWithoutSrtpWhereMediaIsToRun) {
  Session::Config without = config_with(alice());
  without.srtp_profiles.clear();
  Simulation sim{make(without), make(config_with(bob()))};
  introduce(sim);
  sim.run_for(5s);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::no_srtp_profile);
  EXPECT_EQ(failure(sim.right).alert, Alert::handshake_failure);
  EXPECT_EQ(sim.right.machine.stats().refused_without_srtp, 1U);
  EXPECT_EQ(failure(sim.left).reason, FailureReason::alert_received);
  expect_nothing_released(sim.left);
  expect_nothing_released(sim.right);
}

// RFC 5764 4.1
TEST(DtlsRefusal, ServerWithoutSrtpWhereMediaIsToRun) {
  Session::Config without = config_with(bob());
  without.srtp_profiles.clear();
  Simulation sim{make(config_with(alice())), make(without)};
  introduce(sim, alice(), bob(), SrtpUse::optional);
  Simulation strict{make(config_with(alice())), make(without)};
  strict.left->set_remote_fingerprints({bob().fingerprint()}, strict.now());
  strict.right->set_remote_fingerprints({alice().fingerprint()}, strict.now());
  strict.right->start(Role::server, SrtpUse::optional, strict.now());
  strict.left->start(Role::client, SrtpUse::required, strict.now());
  EXPECT_TRUE(connect(sim, 5s));
  EXPECT_FALSE(connect(strict, 5s));
  EXPECT_EQ(failure(strict.left).reason, FailureReason::no_srtp_profile);
  EXPECT_EQ(failure(strict.right).alert, Alert::handshake_failure);
  EXPECT_EQ(strict.left.machine.stats().refused_without_srtp, 1U);
  expect_nothing_released(strict.left);
  expect_nothing_released(strict.right);
}

// Rewrites the first place of each datagram where `from` occurs.
auto replace_once(std::vector<std::uint8_t> from, std::vector<std::uint8_t> to) {
  return [=](sim::Packet& packet) {
    const auto found = std::ranges::search(packet.bytes.bytes(), from);
    if (!found.empty()) std::ranges::copy(to, found.begin());
    return true;
  };
}

// RFC 8827 6.5
TEST(DtlsRefusal, SuitesThatAreNotSafe) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  // All six suites become TLS_RSA_WITH_AES_128_CBC_SHA.
  sim.left_to_right.filter(
      replace_once({0xC0, 0x2B, 0xC0, 0x2F, 0xC0, 0x2C, 0xC0, 0x30, 0xCC, 0xA9, 0xCC, 0xA8},
                   {0x00, 0x2F, 0x00, 0x2F, 0x00, 0x2F, 0x00, 0x2F, 0x00, 0x2F, 0x00, 0x2F}));
  introduce(sim);
  sim.run_for(5s);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::insufficient_security);
  EXPECT_EQ(sim.right.machine.stats().refused_insufficient_security, 1U);
  EXPECT_EQ(failure(sim.right).alert, Alert::handshake_failure);
  expect_nothing_released(sim.left);
  expect_nothing_released(sim.right);
}

// RFC 5246 7.4.1.3
TEST(DtlsRefusal, ServerThatChoosesASuiteThatWasNotOffered) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  // ServerHello: no session id, then the suite; it becomes TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA.
  sim.right_to_left.filter(replace_once({0x00, 0xC0, 0x2B, 0x00}, {0x00, 0xC0, 0x09, 0x00}));
  introduce(sim);
  sim.run_for(5s);
  EXPECT_EQ(failure(sim.left).reason, FailureReason::insufficient_security);
  EXPECT_EQ(failure(sim.left).alert, Alert::illegal_parameter);
  EXPECT_EQ(sim.left.machine.stats().refused_insufficient_security, 1U);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::alert_received);
  expect_nothing_released(sim.left);
  expect_nothing_released(sim.right);
}

// RFC 5246 7.4.8
TEST(DtlsRefusal, SuitesThatSomebodyOnThePathTookAway) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  // The first two suites are replaced: what the client signs is no longer what the server has read.
  sim.left_to_right.filter(replace_once({0xC0, 0x2B, 0xC0, 0x2F}, {0xC0, 0x2C, 0xC0, 0x30}));
  introduce(sim);
  sim.run_for(5s);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::handshake_altered);
  EXPECT_EQ(failure(sim.right).alert, Alert::decrypt_error);
  EXPECT_EQ(sim.right.machine.stats().refused_altered, 1U);
  EXPECT_EQ(failure(sim.left).reason, FailureReason::alert_received);
  EXPECT_EQ(failure(sim.left).alert, Alert::decrypt_error);
  expect_nothing_released(sim.left);
  expect_nothing_released(sim.right);
}

// RFC 5246 7.4.8
TEST(DtlsRefusal, ProfilesThatSomebodyOnThePathTookAway) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  // RFC 5764 4.1.1: three profiles, of which the two with AEAD become SRTP_AES128_CM_SHA1_80.
  sim.left_to_right.filter(replace_once({0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x01, 0x00},
                                        {0x00, 0x06, 0x00, 0x01, 0x00, 0x01, 0x00, 0x01, 0x00}));
  introduce(sim);
  sim.run_for(5s);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::handshake_altered);
  EXPECT_EQ(sim.right.machine.stats().refused_altered, 1U);
  expect_nothing_released(sim.left);
  expect_nothing_released(sim.right);
}

// RFC 5763 5, RFC 5246 7.4.6: without a suitable certificate a client sends an empty list.
TEST(DtlsRefusal, ClientThatShowsNoCertificate) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  sim.left_to_right.filter([&](sim::Packet& packet) {
    constexpr std::uint8_t certificate = 11;
    if (packet.bytes.data()[0] != 22 || packet.bytes.data()[13] != certificate) return true;
    // The record and the message in it shrink to the list's length, which is zero.
    std::vector<std::uint8_t> empty(packet.bytes.data(), packet.bytes.data() + 28);
    empty[11] = 0;
    empty[12] = 15;
    for (const std::size_t length : {14, 22}) {
      empty[length] = empty[length + 1] = 0;
      empty[length + 2] = 3;
    }
    std::fill(empty.begin() + 25, empty.end(), std::uint8_t{0});
    packet.bytes.resize(empty.size());
    std::ranges::copy(empty, packet.bytes.data());
    return true;
  });
  introduce(sim);
  sim.run_for(5s);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::no_certificate);
  EXPECT_EQ(failure(sim.right).alert, Alert::handshake_failure);
  EXPECT_EQ(sim.right.machine.stats().refused_without_certificate, 1U);
  EXPECT_EQ(failure(sim.left).alert, Alert::handshake_failure);
  expect_nothing_released(sim.left);
  expect_nothing_released(sim.right);
}

// A file of comments and lines of hexadecimal.
std::vector<std::uint8_t> certificate_in(const std::string& name) {
  std::ifstream file{std::string{LUCID_VECTORS} + "/dtls/" + name};
  std::string hex;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) hex += line;
  }
  return core::from_hex(hex).value_or(std::vector<std::uint8_t>{});
}

// A Certificate message that shows another certificate: the fingerprint is right, the key is weak.
TEST(DtlsRefusal, CertificateWithAShortKey) {
  const std::vector<std::uint8_t> weak = certificate_in("rsa1024.hex");
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  sim.left_to_right.filter([&](sim::Packet& packet) {
    constexpr std::uint8_t certificate = 11;
    if (packet.bytes.data()[0] != 22 || packet.bytes.data()[13] != certificate) return true;
    std::vector<std::uint8_t> shown(packet.bytes.data(), packet.bytes.data() + 31);
    for (const auto& [at, more] : {std::pair{12, 18}, {16, 6}, {24, 6}, {27, 3}, {30, 0}}) {
      const std::size_t length = weak.size() + static_cast<std::size_t>(more);
      shown[static_cast<std::size_t>(at) - 1] = static_cast<std::uint8_t>(length >> 8);
      shown[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(length);
    }
    shown.insert(shown.end(), weak.begin(), weak.end());
    packet.bytes = sim.left.pool.copy(shown);
    return true;
  });
  sim.right->set_remote_fingerprints({Fingerprint::of(Hash::sha256, weak)}, sim.now());
  sim.left->set_remote_fingerprints({bob().fingerprint()}, sim.now());
  sim.right->start(Role::server, SrtpUse::required, sim.now());
  sim.left->start(Role::client, SrtpUse::required, sim.now());
  sim.run_for(5s);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::insufficient_security);
  EXPECT_EQ(failure(sim.right).alert, Alert::unsupported_certificate);
  EXPECT_EQ(sim.right.machine.stats().refused_insufficient_security, 1U);
  EXPECT_EQ(failure(sim.left).alert, Alert::unsupported_certificate);
  expect_nothing_released(sim.right);
}

TEST(DtlsRefusal, DtlsOneZero) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  sim.left_to_right.filter([](sim::Packet& packet) {
    if (packet.bytes.size() > 27 && packet.bytes.data()[13] == 1) packet.bytes.data()[26] = 0xFF;
    return true;
  });
  introduce(sim);
  sim.run_for(5s);
  EXPECT_EQ(failure(sim.right).reason, FailureReason::insufficient_security);
  EXPECT_EQ(failure(sim.right).alert, Alert::protocol_version);
  EXPECT_EQ(sim.right.machine.stats().refused_insufficient_security, 1U);
  expect_nothing_released(sim.right);
}

// RFC 6347 4.1.2.7
TEST(DtlsRefusal, AlteredAndReplayedRecordsAreDroppedAndCounted) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  std::vector<std::uint8_t> seen;
  sim.left_to_right.filter([&](sim::Packet& packet) {
    seen.assign(packet.bytes.data(), packet.bytes.data() + packet.bytes.size());
    return true;
  });
  ASSERT_TRUE(sim.left->send(core::as_bytes("genuine"), sim.now()));
  sim.run_for(1s);
  sim.right->handle_datagram(seen, sim.now());  // RFC 6347 4.1.2.6: replayed
  EXPECT_EQ(sim.right.machine.stats().dropped_bad_record, 1U);
  seen.back() ^= 1;
  seen[10] = 99;  // a sequence number not seen yet
  sim.right->handle_datagram(seen, sim.now());
  EXPECT_EQ(sim.right.machine.stats().dropped_bad_record, 2U);
  sim.run_for(1s);
  EXPECT_EQ(sim.right.count<Session::Data>(), 1U);
  EXPECT_EQ(sim.right.machine.state(), State::connected);
}

// RFC 7983 7
TEST(DtlsRefusal, WhatIsNotDtls) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  sim.left->handle_datagram(std::vector<std::uint8_t>{0, 1, 2}, sim.now());
  sim.left->handle_datagram(std::vector<std::uint8_t>{}, sim.now());
  sim.left->handle_datagram(std::vector<std::uint8_t>{128, 1}, sim.now());
  EXPECT_EQ(sim.left.machine.stats().dropped_not_dtls, 3U);
}

TEST(DtlsRefusal, SilentPeerFailsAfterTwelveRepetitions) {
  Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.loss = 1}};
  introduce(sim);
  sim.run_for(2min);
  EXPECT_EQ(failure(sim.left).reason, FailureReason::timed_out);
  EXPECT_EQ(sim.left.machine.stats().retransmissions, 12U);
  EXPECT_EQ(sim.left.machine.next_timeout(), std::nullopt);
}

TEST(DtlsRefusal, EverythingAfterTheEndIsHarmless) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  introduce(sim, bob(), bob());
  sim.run_for(5s);
  ASSERT_EQ(sim.right.machine.state(), State::failed);
  const std::size_t events = sim.right.events.size();
  const std::uint64_t transmits = sim.right.transmits;
  sim.right->handle_datagram(std::vector<std::uint8_t>(50, 22), sim.now());
  sim.right->handle_timeout(sim.now());
  sim.right->start(Role::client, SrtpUse::required, sim.now());
  sim.right->set_remote_fingerprints({alice().fingerprint()}, sim.now());
  sim.right->close(sim.now());
  sim.run_for(1s);
  EXPECT_EQ(sim.right.events.size(), events);
  EXPECT_EQ(sim.right.transmits, transmits);
  EXPECT_EQ(sim.right.machine.stats().dropped_after_end, 1U);
}

}  // namespace
}  // namespace lucid::dtls
