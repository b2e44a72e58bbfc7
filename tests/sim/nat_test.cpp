#include "sim/nat.hpp"

#include <gtest/gtest.h>

#include <set>

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;
using core::Address;

Address address(std::string_view text) { return *Address::parse(text); }

const core::Ip external = *core::Ip::parse("203.0.113.1");
const Address inside = address("192.168.1.2:5000");
const Address server = address("198.51.100.1:3478");
const Address same_host = address("198.51.100.1:9");
const Address other = address("198.51.100.2:3478");
constexpr core::Time start{1h};

class NatTableTest : public testing::Test {
 protected:
  Address out(Address remote, core::Time now = start, Address from = inside) {
    return table.outbound(core::Transport::udp, from, remote, external, now);
  }
  bool in(Address remote, Address to, core::Time now = start) {
    return table.inbound(core::Transport::udp, remote, to, now).has_value();
  }
  NatTable table{Nat::full_cone(), 1};
};

// RFC 4787 4.1
TEST_F(NatTableTest, EndpointIndependentMappingIsOneForAll) {
  EXPECT_EQ(out(server), out(other));
  EXPECT_EQ(out(server), (Address{external, 5000}));
}

// RFC 4787 4.1
TEST_F(NatTableTest, DependentMappingsDifferByAddressOrByPort) {
  table = NatTable{{.mapping = Nat::Dependence::address}, 1};
  EXPECT_EQ(out(server), out(same_host));
  EXPECT_NE(out(server), out(other));
  table = NatTable{Nat::symmetric(), 1};
  EXPECT_NE(out(server), out(same_host));
  EXPECT_EQ(out(server), out(server));
}

// RFC 4787 5
TEST_F(NatTableTest, FilteringDecidesWhoMaySendBack) {
  const auto reach = [&](Nat nat) {
    table = NatTable{nat, 1};
    const Address mapped = out(server);
    return std::tuple{in(server, mapped), in(same_host, mapped), in(other, mapped)};
  };
  EXPECT_EQ(reach(Nat::full_cone()), (std::tuple{true, true, true}));
  EXPECT_EQ(reach(Nat::address_restricted()), (std::tuple{true, true, false}));
  EXPECT_EQ(reach(Nat::port_restricted()), (std::tuple{true, false, false}));
  EXPECT_EQ(reach(Nat::symmetric()), (std::tuple{true, false, false}));
}

// RFC 4787 4.2.1
TEST_F(NatTableTest, PortsArePreservedWhereTheyAreFree) {
  EXPECT_EQ(out(server).port, 5000);
  EXPECT_NE(out(server, start, address("192.168.1.3:5000")).port, 5000);
  table = NatTable{{.preserve_ports = false}, 1};
  std::set<std::uint16_t> ports;
  for (std::uint16_t port = 1; port <= 50; ++port) {
    ports.insert(out(server, start, {inside.ip, port}).port);
  }
  EXPECT_EQ(ports.size(), 50U);
  EXPECT_GE(*ports.begin(), 1024);
}

// RFC 4787 4.3
TEST_F(NatTableTest, MappingsExpireUnlessPacketsGoOut) {
  const Address mapped = out(server);
  EXPECT_TRUE(in(server, mapped, start + 119s));
  EXPECT_FALSE(in(server, mapped, start + 120s));
  out(server, start + 200s);
  EXPECT_TRUE(in(server, mapped, start + 310s));
}

// RFC 4787 4.3
TEST_F(NatTableTest, PacketsComingInKeepAMappingWhereTheNatDoesSo) {
  table = NatTable{{.refreshed_from_outside = true}, 1};
  const Address mapped = out(server);
  EXPECT_TRUE(in(server, mapped, start + 100s));
  EXPECT_TRUE(in(server, mapped, start + 200s));
}

// RFC 5382 5
TEST_F(NatTableTest, TcpLivesLongerAndApartFromUdp) {
  const Address mapped = table.outbound(core::Transport::tcp, inside, server, external, start);
  EXPECT_FALSE(in(server, mapped));
  EXPECT_TRUE(table.inbound(core::Transport::tls, server, mapped, start + 2h));
}

// RFC 6092
TEST_F(NatTableTest, V6KeepsItsAddressAndMeetsTheFilter) {
  table = NatTable{Nat::symmetric(), 1};
  const Address v6 = address("[2001:db8::2]:5000");
  const Address peer = address("[2001:db8:1::1]:6000");
  EXPECT_EQ(table.outbound(core::Transport::udp, v6, peer, v6.ip, start), v6);
  EXPECT_TRUE(in(peer, v6));
  EXPECT_FALSE(in(address("[2001:db8:1::1]:6001"), v6));
}

TEST_F(NatTableTest, ForgetsExpiredMappingsInTheLongRun) {
  for (int i = 0; i < 10'000; ++i) {
    out(server, start + i * 1s, {inside.ip, static_cast<std::uint16_t>(1024 + i)});
  }
  EXPECT_LT(table.mappings(), 1300U);
  table.forget();
  EXPECT_EQ(table.mappings(), 0U);
}

}  // namespace
}  // namespace lucid::sim
