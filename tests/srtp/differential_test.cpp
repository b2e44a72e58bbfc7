// Both engines, fed the same, must say the same: random packets through sender and receiver of
// each, with losses, reorderings, duplicates, wraps and forgeries, both ways. Every byte that is
// sent and every verdict is compared. 150,000 packets by default, which meet everything above with
// each profile; SRTP_PACKETS=1000000 runs a million, which takes libsrtp2 ten seconds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "core/random.hpp"
#include "tests/srtp/vectors.hpp"

namespace lucid::srtp {
namespace {

using namespace test;

std::uint64_t packet_count() {
  const char* const wanted = std::getenv("SRTP_PACKETS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 150'000;
}

class Differential {
 public:
  Differential(Profile profile, std::uint64_t seed)
      : ours_{{.profile = profile, .engine = EngineKind::openssl}},
        theirs_{{.profile = profile, .engine = EngineKind::libsrtp2}},
        random_{seed},
        payload_(4096) {
    random_.fill(payload_);
  }

  // One packet is sent, and some that are under way arrive.
  void step() {
    const bool to_right = random_.below(2) == 0;
    send(to_right);
    while (!under_way_.empty() && (under_way_.size() > 60 || random_.below(100) < 60)) arrive();
  }
  std::uint64_t opened() const { return opened_; }
  std::uint64_t refused(Refusal reason) const { return refused_[static_cast<std::size_t>(reason)]; }

 private:
  using Bytes = std::vector<std::uint8_t>;
  struct Flying {
    bool to_right;
    bool rtcp;
    Bytes bytes;
  };
  static constexpr std::size_t streams = 6;

  // Payloads are cut from one random block: making each anew would take most of the time.
  void fill(Bytes& packet) {
    const std::size_t from = random_.below(payload_.size() - packet.size());
    std::memcpy(packet.data(), payload_.data() + from, packet.size());
  }
  Bytes make_rtp(std::size_t stream) {
    // Mostly in sequence; at times a jump, forwards or back, so that all wraps are met.
    std::uint64_t& next = next_[stream];
    next += random_.below(1000) == 0 ? random_.below(30'000) : 1 + random_.below(3) / 2;
    std::uint64_t index = next;
    if (random_.below(50) == 0 && next > 200) index -= random_.below(200);
    Bytes packet(12 + random_.below(random_.below(20) == 0 ? 1300 : 60));
    fill(packet);
    core::ByteWriter out{packet};
    const auto csrcs = static_cast<std::uint8_t>(random_.below(8) == 0 ? random_.below(4) : 0);
    const auto extension = static_cast<std::uint8_t>(random_.below(8) == 0 ? 0x10 : 0);
    out.u8(static_cast<std::uint8_t>(0x80 | extension | csrcs));
    out.u8(96);
    out.u16(static_cast<std::uint16_t>(index));
    out.u32(static_cast<std::uint32_t>(index * 3000));
    out.u32(static_cast<std::uint32_t>(0x1000 + stream));
    const std::size_t behind = 12 + csrcs * std::size_t{4};
    if (extension != 0 && packet.size() >= behind + 4) {
      packet[behind + 2] = 0;
      packet[behind + 3] = static_cast<std::uint8_t>(random_.below(4));
    }
    return packet;
  }
  Bytes make_rtcp(std::size_t stream) {
    Bytes packet(8 + 4 * random_.below(20));
    fill(packet);
    core::ByteWriter out{packet};
    out.u32(0x80C90001);
    out.u32(static_cast<std::uint32_t>(0x1000 + stream));
    return packet;
  }

  void send(bool to_right) {
    const std::size_t stream = random_.below(streams);
    const bool rtcp = random_.below(10) == 0;
    const Bytes packet = rtcp ? make_rtcp(stream) : make_rtp(stream + (to_right ? 0 : streams));
    const auto run = [&](Pair& pair, Bytes& room) {
      Session& sender = to_right ? *pair.left : *pair.right;
      room.resize(packet.size() + 24);
      return rtcp ? sender.protect_rtcp(packet, room) : sender.protect_rtp(packet, room);
    };
    const Session::Result a = run(ours_, room_a_);
    const Session::Result b = run(theirs_, room_b_);
    if (!same(a, b) || !a) return;
    if (random_.below(20) == 0) return;  // lost
    const int copies = random_.below(30) == 0 ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      under_way_.push_back({to_right, rtcp, Bytes(a->begin(), a->end())});
    }
    if (random_.below(15) == 0) forge(under_way_.back());
  }

  void forge(Flying packet) {
    if (random_.below(4) == 0) {
      packet.bytes.resize(random_.below(packet.bytes.size()));
    } else {
      packet.bytes[random_.below(packet.bytes.size())] ^=
          static_cast<std::uint8_t>(1 + random_.below(255));
    }
    if (random_.below(2) == 0) packet.rtcp = !packet.rtcp;
    under_way_.push_back(std::move(packet));
  }

  void arrive() {
    const std::size_t which = random_.below(std::min<std::size_t>(under_way_.size(), 30));
    const Flying packet = std::move(under_way_[which]);
    under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(which));
    const bool in_place = random_.below(2) == 0;
    const auto run = [&](Pair& pair, Bytes& room) {
      Session& receiver = packet.to_right ? *pair.right : *pair.left;
      room = packet.bytes;
      if (room.empty()) room.resize(1);
      const core::Bytes from =
          in_place ? core::Bytes{room}.first(packet.bytes.size()) : core::Bytes{packet.bytes};
      return packet.rtcp ? receiver.unprotect_rtcp(from, room) : receiver.unprotect_rtp(from, room);
    };
    const Session::Result a = run(ours_, room_a_);
    const Session::Result b = run(theirs_, room_b_);
    if (!same(a, b)) return;
    a ? ++opened_ : ++refused_[static_cast<std::size_t>(a.error())];
  }

  bool same(const Session::Result& a, const Session::Result& b) {
    const bool equal = a && b ? core::equal(*a, *b) : !a && !b && a.error() == b.error();
    EXPECT_TRUE(equal) << "ours: " << (a ? "ok" : to_string(a.error()))
                       << " libsrtp2: " << (b ? "ok" : to_string(b.error()));
    return equal;
  }

  Pair ours_;
  Pair theirs_;
  core::SeededRandom random_;
  Bytes payload_;
  std::array<std::uint64_t, 2 * streams> next_{};
  std::vector<Flying> under_way_;
  Bytes room_a_;
  Bytes room_b_;
  std::uint64_t opened_ = 0;
  std::array<std::uint64_t, refusal_count> refused_{};
};

TEST(SrtpDifferential, EnginesAgreeOnRandomPackets) {
  if (!available(EngineKind::libsrtp2)) GTEST_SKIP() << "built without libsrtp2";
  constexpr Profile profiles[] = {Profile::aes128_cm_sha1_80, Profile::aes128_cm_sha1_32,
                                  Profile::aead_aes_128_gcm,  Profile::aead_aes_256_gcm,
                                  Profile::aes256_cm_sha1_80, Profile::aes256_cm_sha1_32};
  const std::uint64_t each = packet_count() / std::size(profiles) + 1;
  for (const Profile profile : profiles) {
    SCOPED_TRACE(to_string(profile));
    Differential run{profile, 1};
    for (std::uint64_t i = 0; i < each && !HasFailure(); ++i) run.step();
    ASSERT_FALSE(HasFailure());
    EXPECT_GT(run.opened(), each / 2);
    for (const Refusal reason : {Refusal::malformed, Refusal::bad_tag, Refusal::replayed,
                                 Refusal::too_old, Refusal::not_encrypted}) {
      EXPECT_GT(run.refused(reason), 0U) << to_string(reason) << " was never met";
    }
  }
}

}  // namespace
}  // namespace lucid::srtp
