#include "net/interfaces.hpp"

#include <gmock/gmock.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <thread>

namespace lucid::net {
namespace {

using namespace std::chrono_literals;

// Takes the loopback interface up, in the network namespace of the calling thread.
void loopback_up() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  ioctl(fd, SIOCGIFFLAGS, &request);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

TEST(NetInterfaces, ListsTheLoopbackInterfaceWithItsIndex) {
  const auto list = interfaces();
  const auto found =
      std::ranges::find(list, core::Ip::loopback(core::Family::v4), &core::Interface::ip);
  ASSERT_NE(found, list.end());
  EXPECT_EQ(found->name, "lo");
  EXPECT_EQ(found->index, if_nametoindex("lo"));
}

TEST(NetInterfaces, TellsWhenAnInterfaceComesUp) {
  bool allowed = false;
  bool before = true;
  std::vector<core::Interface> after;
  std::thread{[&] {  // a namespace of its own, for this thread alone
    if (unshare(CLONE_NEWNET) != 0) return;
    allowed = true;
    Loop loop;
    const InterfaceWatch watch{loop, [&](std::span<const core::Interface> list) {
                                 after.assign(list.begin(), list.end());
                               }};
    before = !watch.current().empty();
    loopback_up();
    (void)loop.run_until([&] { return !after.empty(); }, 5s);
  }}
      .join();
  if (!allowed) GTEST_SKIP() << "only a privileged process may make a network namespace";
  EXPECT_FALSE(before);
  ASSERT_FALSE(after.empty());
  EXPECT_TRUE(after[0].ip.is_loopback());
}

}  // namespace
}  // namespace lucid::net
