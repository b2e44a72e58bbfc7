#include "core/address.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

namespace lucid::core {
namespace {

TEST(Ip, ParsesWhatItPrints) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1",
                           "fe80::1%3", "::ffff:192.0.2.1", "2001:db8:1:2:3:4:5:6"}) {
    const auto ip = Ip::parse(text);
    ASSERT_TRUE(ip) << text;
    EXPECT_EQ(ip->text(), text);
  }
}

// RFC 5952 4.2
TEST(Ip, PrintsTheShortestForm) {
  EXPECT_EQ(Ip::parse("2001:0db8:0:0:1:0:0:1")->text(), "2001:db8::1:0:0:1");
  EXPECT_EQ(Ip::parse("2001:db8:0:1:1:1:1:1")->text(), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(Ip::parse("1:0:0:2:0:0:0:3")->text(), "1:0:0:2::3");
  EXPECT_EQ(Ip::parse("2001:DB8::A")->text(), "2001:db8::a");
  EXPECT_EQ(Ip::parse("1:2:3:4:5:6::")->text(), "1:2:3:4:5:6::");
}

TEST(Ip, RefusesWhatIsNotAnAddress) {
  for (const char* text :
       {"", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "1..2.3", ":",
        ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::1::2",
        "g::", "1:2:3:4:5:6:7::8:9", "fe80::1%eth0", "::1.2.3", "1:"}) {
    EXPECT_FALSE(Ip::parse(text)) << text;
  }
}

TEST(Ip, KnowsItsClass) {
  EXPECT_TRUE(Ip::parse("127.0.0.1")->is_loopback());
  EXPECT_TRUE(Ip::parse("::1")->is_loopback());
  EXPECT_TRUE(Ip::parse("169.254.3.4")->is_link_local());
  EXPECT_TRUE(Ip::parse("fe80::1")->is_link_local());
  EXPECT_TRUE(Ip::parse("172.31.0.1")->is_private());
  EXPECT_FALSE(Ip::parse("172.32.0.1")->is_private());
  EXPECT_TRUE(Ip::parse("100.64.0.1")->is_private());
  EXPECT_TRUE(Ip::parse("fd00::1")->is_private());
  EXPECT_TRUE(Ip::parse("ff02::fb")->is_multicast());
  EXPECT_TRUE(Ip::any(Family::v6).is_any());
  EXPECT_FALSE(Ip::parse("8.8.8.8")->is_private());
}

TEST(Address, ParsesWhatItPrints) {
  for (const char* text : {"192.0.2.1:80", "[2001:db8::1]:65535", "[::]:0"}) {
    const auto address = Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
  }
  for (const char* text : {"192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "2001:db8::1:80",
                           "[192.0.2.1]:80", ":80", "[::1]80"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
}

TEST(MdnsName, IsOneLabelThenLocal) {
  EXPECT_TRUE(is_mdns_name("1f4712db-ea17-4bcf-a596-105139dfd8bf.local"));
  EXPECT_FALSE(is_mdns_name(".local"));
  EXPECT_FALSE(is_mdns_name("a.b.local"));
  EXPECT_FALSE(is_mdns_name("example.com"));
}

TEST(Path, HashesAndPrints) {
  const Path path{Transport::udp, *Address::parse("192.0.2.1:1"), *Address::parse("192.0.2.2:2")};
  EXPECT_EQ(path.text(), "udp 192.0.2.1:1 -> 192.0.2.2:2");
  std::unordered_set<Path> paths{path};
  EXPECT_TRUE(paths.contains(path));
  Path other = path;
  other.remote.port = 3;
  EXPECT_FALSE(paths.contains(other));
}

}  // namespace
}  // namespace lucid::core
