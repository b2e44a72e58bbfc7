#include "sdp/candidate.hpp"

#include <gtest/gtest.h>

#include "sdp/session.hpp"
#include "tests/sdp/vectors.hpp"

namespace lucid::sdp {
namespace {

constexpr std::string_view reflexive =
    "candidate:842163049 1 udp 1677729535 192.168.1.100 54321 typ srflx raddr 10.0.0.1 rport 5000 "
    "generation 0 ufrag EsAw network-id 1 network-cost 999";

// RFC 8839 5.1
TEST(SdpCandidate, IsReadOnItsOwn) {
  const auto candidate = parse_candidate(reflexive);
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->foundation, "842163049");
  EXPECT_EQ(candidate->component, 1);
  EXPECT_TRUE(candidate->is_udp());
  EXPECT_EQ(candidate->priority, 1677729535U);
  EXPECT_EQ(candidate->ip(), core::Ip::parse("192.168.1.100"));
  EXPECT_EQ(candidate->port, 54321);
  EXPECT_EQ(candidate->type(), Candidate::Type::srflx);
  EXPECT_EQ(candidate->related_address, "10.0.0.1");
  EXPECT_EQ(candidate->related_port, 5000);
  EXPECT_EQ(candidate->ufrag(), "EsAw");
  EXPECT_EQ(candidate->extension("network-cost"), "999");
  EXPECT_EQ(candidate->extension("tcptype"), std::nullopt);
  EXPECT_EQ(serialize(*candidate), reflexive);
}

TEST(SdpCandidate, MayComeAsALine) {
  const auto bare = parse_candidate(reflexive);
  EXPECT_EQ(parse_candidate("a=" + std::string{reflexive}), bare);
  EXPECT_EQ(parse_candidate("a=" + std::string{reflexive} + "\r\n"), bare);
  EXPECT_EQ(parse_candidate(std::string{reflexive} + "\n"), bare);
}

// RFC 6544 4.5
TEST(SdpCandidate, OfTcp) {
  const auto candidate =
      parse_candidate("candidate:1 1 TCP 2128609279 10.0.1.1 9 typ host tcptype active");
  ASSERT_TRUE(candidate);
  EXPECT_TRUE(candidate->is_tcp());
  EXPECT_EQ(candidate->tcptype(), Candidate::Tcp::active);
  EXPECT_EQ(candidate->transport, "TCP");
}

TEST(SdpCandidate, MayNameWhatIsNoAddress) {
  const auto candidate = parse_candidate(
      "candidate:1 1 udp 2113937151 b2f7d0c5-3c5b-4c8e-9f1e-6f7a8d9c0b1a.local 50000 typ host");
  ASSERT_TRUE(candidate);
  EXPECT_FALSE(candidate->ip());
  EXPECT_TRUE(core::is_mdns_name(candidate->address));
  EXPECT_EQ(parse_candidate("candidate:1 1 udp 1 ::1 5 typ new")->type(), Candidate::Type::other);
}

TEST(SdpCandidate, IsRefusedWithItsColumn) {
  struct Case {
    std::string_view text;
    std::uint32_t column;
  };
  for (const Case& each : {
           Case{"", 1},
           Case{"hello", 1},
           Case{"a=candidat:1", 3},
           Case{"candidate:", 11},
           Case{"candidate:1 0 udp 1 1.1.1.1 5 typ host", 13},
           Case{"candidate:1 257 udp 1 1.1.1.1 5 typ host", 13},
           Case{"candidate:1 1 udp -1 1.1.1.1 5 typ host", 19},
           Case{"candidate:1 1 udp 4294967296 1.1.1.1 5 typ host", 19},
           Case{"candidate:1 1 udp 1 1.1.1.1 65536 typ host", 29},
           Case{"candidate:1 1 udp 1 1.1.1.1 5 type host", 31},
           Case{"candidate:1 1 udp 1 1.1.1.1 5 typ", 34},
           Case{"candidate:1 1 udp 1 1.1.1.1 5 typ host raddr", 45},
           Case{"candidate:1 1 udp 1 1.1.1.1 5 typ host rport x", 46},
           Case{"candidate:1 1 udp 1 1.1.1.1 5 typ host\na=x", 39},
           Case{"candidate:123456789012345678901234567890123 1 udp 1 1.1.1.1 5 typ host", 11},
       }) {
    const auto candidate = parse_candidate(each.text);
    ASSERT_FALSE(candidate) << each.text;
    EXPECT_EQ(candidate.error().rule, Rule::candidate);
    EXPECT_EQ(candidate.error().column, each.column) << each.text;
  }
}

TEST(SdpCandidate, ThoseOfBrowsersAreWrittenAsRead) {
  std::size_t count = 0;
  for (const Vector& vector : read_vectors()) {
    const auto session = parse(vector.text);
    ASSERT_TRUE(session);
    for (const MediaSection& section : session->media) {
      for (const Line& line : section.lines()) {
        if (line.key() != Candidate::key) continue;
        EXPECT_EQ(Candidate::parse(line.value())->value(), line.value()) << vector.name;
        ++count;
      }
    }
  }
  EXPECT_GT(count, 20U);
}

TEST(SdpCandidate, IsNoLongerThanALineOfADescription) {
  const std::string text{reflexive};
  EXPECT_TRUE(parse_candidate(text + " x " + std::string(30'000, 'y')));
  EXPECT_FALSE(parse_candidate(text + " x " + std::string(33'000, 'y')));
}

TEST(SdpCandidate, EveryTruncationAndEveryChangedByte) {
  std::string text{reflexive};
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto candidate = parse_candidate(std::string_view{text}.substr(0, size));
    if (!candidate) continue;
    EXPECT_EQ(parse_candidate(serialize(*candidate)), *candidate);
  }
  for (char& byte : text) {
    const char kept = byte;
    for (int other = 0; other < 256; ++other) {
      byte = static_cast<char>(other);
      const auto candidate = parse_candidate(text);
      if (!candidate) continue;
      EXPECT_EQ(parse_candidate(serialize(*candidate)), *candidate);
    }
    byte = kept;
  }
}

}  // namespace
}  // namespace lucid::sdp
