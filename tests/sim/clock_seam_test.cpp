#include "sim/clock_seam.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/time.h>

#include <array>
#include <ctime>
#include <thread>

#include "core/bytes.hpp"
#include "core/handle.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;

std::int64_t library_time() {
  timeval time;
  gettimeofday(&time, nullptr);
  return time.tv_sec * 1'000'000 + time.tv_usec;
}

std::string library_random() {
  std::array<std::uint8_t, 16> bytes{};
  EXPECT_EQ(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())), 1);
  return core::to_hex(bytes);
}

std::string library_key() {
  const core::Handle<EVP_PKEY, EVP_PKEY_free> key{EVP_EC_gen("P-256")};
  std::array<std::uint8_t, 128> bytes{};
  std::size_t size = 0;
  EVP_PKEY_get_octet_string_param(key.get(), "pub", bytes.data(), bytes.size(), &size);
  return core::to_hex(core::Bytes{bytes}.first(size));
}

TEST(ClockSeam, LibrariesSeeVirtualTimeInsideAScopeOnly) {
  core::SeededRandom random{1};
  {
    const VirtualTimeScope scope{core::Time{5s}, random};
    EXPECT_EQ(library_time(), virtual_wall_clock.unix_time(core::Time{5s}).count());
  }
  EXPECT_NEAR(static_cast<double>(library_time()), static_cast<double>(std::time(nullptr)) * 1e6,
              5e6);
}

TEST(ClockSeam, ScopesNest) {
  core::SeededRandom random{1};
  const VirtualTimeScope outer{core::Time{5s}, random};
  {
    const VirtualTimeScope inner{core::Time{9s}, random};
    EXPECT_EQ(library_time(), virtual_wall_clock.unix_time(core::Time{9s}).count());
  }
  EXPECT_EQ(library_time(), virtual_wall_clock.unix_time(core::Time{5s}).count());
}

TEST(ClockSeam, OtherThreadsKeepTheRealClock) {
  core::SeededRandom random{1};
  const VirtualTimeScope scope{core::Time{5s}, random};
  std::int64_t seen = 0;
  std::thread{[&] { seen = library_time(); }}.join();
  EXPECT_NEAR(static_cast<double>(seen), static_cast<double>(std::time(nullptr)) * 1e6, 5e6);
}

TEST(ClockSeam, OpenSslDrawsFromTheSeedInsideAScopeOnly) {
  const auto draw = [](std::uint64_t seed) {
    core::SeededRandom random{seed};
    const VirtualTimeScope scope{core::Time{5s}, random};
    return std::pair{library_random(), library_key()};
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
  EXPECT_NE(library_random(), library_random());
}

}  // namespace
}  // namespace lucid::sim
