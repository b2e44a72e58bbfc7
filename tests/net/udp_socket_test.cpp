#include "net/udp_socket.hpp"

#include <gmock/gmock.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace {

// What the kernel answers to a run of datagrams in one message (UDP_SEGMENT); 0: it takes it.
int segments_refused_with = 0;

bool has_segments(msghdr& header) {
  for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
    if (one->cmsg_level == SOL_UDP && one->cmsg_type == UDP_SEGMENT) return true;
  }
  return false;
}

}  // namespace

// In place of the C library's, so that a kernel or a device can be had that segments nothing.
extern "C" int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  for (unsigned i = 0; i < count && segments_refused_with != 0; ++i) {
    if (!has_segments(messages[i].msg_hdr)) continue;
    if (i > 0) return sendmmsg(fd, messages, i, flags);
    errno = segments_refused_with;
    return -1;
  }
  return static_cast<int>(syscall(SYS_sendmmsg, fd, messages, count, flags));
}

namespace lucid::net {
namespace {

using namespace std::chrono_literals;

// A socket that keeps what it hears.
struct Ear final : UdpSocket::Receiver {
  Ear(Loop& on, const core::Address& local, UdpOptions options = {}) : loop{on} {
    auto opened = UdpSocket::open(on, local, *this, options);
    if (opened) socket = *std::move(opened);
  }
  void received(std::span<core::Datagram> batch, core::Time) override {
    for (const core::Datagram& one : batch) {
      texts.emplace_back(core::as_text(one.bytes));
      paths.push_back(one.path);
    }
  }
  void refused(std::span<const UdpSocket::Refusal>, core::Time) override {}

  void send(const core::Path& path, std::span<const std::string> what) {
    std::vector<core::Datagram> batch;
    for (const std::string& text : what) {
      batch.push_back({path, core::Ecn::not_ect, loop.pool().copy(core::as_bytes(text))});
    }
    socket->send(batch);
  }
  void send(const core::Path& path, const std::string& what) { send(path, std::span{&what, 1}); }

  Loop& loop;
  std::unique_ptr<UdpSocket> socket;
  std::vector<std::string> texts;
  std::vector<core::Path> paths;
};

core::Address address(const char* text) { return *core::Address::parse(text); }

// Runs of one size with a shorter one at their end, and sizes that no buffer of the pool holds.
std::vector<std::string> many_sizes() {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::size_t size = i % 40 == 39 ? 500 : i % 90 == 0 ? 5000 : 1200;
    all.emplace_back(size, static_cast<char>('a' + i % 26));
  }
  return all;
}

class EachBatching : public testing::TestWithParam<std::tuple<Batching, Batching>> {};
INSTANTIATE_TEST_SUITE_P(
    UdpSocket, EachBatching,
    testing::Combine(testing::Values(Batching::none, Batching::mmsg, Batching::gso_gro),
                     testing::Values(Batching::none, Batching::mmsg, Batching::gso_gro)));

TEST_P(EachBatching, EveryDatagramArrivesWholeAndInOrder) {
  Loop loop;
  Ear from{loop, address("127.0.0.1:0"), {.batching = std::get<0>(GetParam())}};
  Ear to{loop, address("127.0.0.1:0"), {.batching = std::get<1>(GetParam())}};
  const auto sent = many_sizes();
  from.send({core::Transport::udp, from.socket->local(), to.socket->local()}, sent);
  ASSERT_TRUE(loop.run_until([&] { return to.texts.size() == sent.size(); }, 5s));
  EXPECT_TRUE(to.texts == sent);
  EXPECT_EQ(from.socket->stats().sent, sent.size());
}

TEST(UdpSocket, ARunGoesOutInOneCallAndComesInWithFew) {
  Loop loop;
  Ear from{loop, address("127.0.0.1:0")};
  Ear to{loop, address("127.0.0.1:0")};
  const std::vector<std::string> run(50, std::string(1200, 'r'));
  from.send({core::Transport::udp, from.socket->local(), to.socket->local()}, run);
  ASSERT_TRUE(loop.run_until([&] { return to.texts.size() == run.size(); }, 5s));
  EXPECT_EQ(from.socket->stats().send_calls, 1U);
  EXPECT_LT(to.socket->stats().receive_calls, 10U);
}

// EIO: the device cannot segment. EINVAL: the kernel does not know of it, or the path is narrower.
TEST(UdpSocket, WhereRunsAreRefusedTheirDatagramsGoOneByOne) {
  for (const int answer : {EIO, EINVAL, EOPNOTSUPP}) {
    Loop loop;
    Ear from{loop, address("127.0.0.1:0")};
    Ear to{loop, address("127.0.0.1:0")};
    const auto sent = many_sizes();
    segments_refused_with = answer;
    from.send({core::Transport::udp, from.socket->local(), to.socket->local()}, sent);
    segments_refused_with = 0;
    ASSERT_TRUE(loop.run_until([&] { return to.texts.size() == sent.size(); }, 5s)) << answer;
    EXPECT_TRUE(to.texts == sent) << answer;
  }
}

TEST(UdpSocket, ADeviceThatCannotSegmentIsNotAskedAgain) {
  Loop loop;
  Ear from{loop, address("127.0.0.1:0")};
  Ear to{loop, address("127.0.0.1:0")};
  const core::Path path{core::Transport::udp, from.socket->local(), to.socket->local()};
  const std::vector<std::string> run(20, std::string(1200, 'r'));
  segments_refused_with = EIO;
  from.send(path, run);
  const std::uint64_t calls = from.socket->stats().send_calls;
  from.send(path, run);
  segments_refused_with = 0;
  EXPECT_EQ(from.socket->stats().send_calls, calls + 1);
}

TEST(UdpSocket, WhatADeviceHasNoRoomForIsLostAndTheRestGoesOn) {
  Loop loop;
  Ear from{loop, address("127.0.0.1:0")};
  Ear to{loop, address("127.0.0.1:0")};
  const core::Path path{core::Transport::udp, from.socket->local(), to.socket->local()};
  segments_refused_with = ENOBUFS;
  from.send(path, std::vector<std::string>(20, std::string(1200, 'r')));
  EXPECT_EQ(from.socket->stats().dropped_by_device, 20U);
  from.send(path, "alone");
  segments_refused_with = 0;
  ASSERT_TRUE(loop.run_until([&] { return !to.texts.empty(); }, 5s));
  EXPECT_EQ(to.texts[0], "alone");
}

struct Ends {
  const char* any;
  const char* one;
  const char* other;
};
class BoundToAny : public testing::TestWithParam<Ends> {};
INSTANTIATE_TEST_SUITE_P(UdpSocket, BoundToAny,
                         testing::Values(Ends{"0.0.0.0:0", "127.0.0.1", "127.0.0.77"},
                                         Ends{"[::]:0", "::1", "::1"}));

TEST_P(BoundToAny, TellsWhichAddressADatagramCameToAndAnswersFromThere) {
  Loop loop;
  Ear client{loop, {*core::Ip::parse(GetParam().one), 0}};
  if (!client.socket) GTEST_SKIP() << "this host has no " << GetParam().one;
  Ear server{loop, address(GetParam().any)};
  const core::Address there{*core::Ip::parse(GetParam().other), server.socket->local().port};
  client.send({core::Transport::udp, client.socket->local(), there}, "question");
  ASSERT_TRUE(loop.run_until([&] { return !server.paths.empty(); }, 5s));
  EXPECT_EQ(server.paths[0].local, there);
  EXPECT_EQ(server.paths[0].remote, client.socket->local());
  server.send(server.paths[0], "answer");
  ASSERT_TRUE(loop.run_until([&] { return !client.paths.empty(); }, 5s));
  EXPECT_EQ(client.paths[0].remote, there);
}

}  // namespace
}  // namespace lucid::net
