// The one place where third-party code is given virtual time and repeatable entropy.
#include "sim/clock_seam.hpp"

// OpenSSL 3.0 calls RAND_METHOD deprecated and offers providers in its place; those are
// process-wide contexts that need a provider of some 300 lines to do the same.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>
#include <sys/time.h>

#include <ctime>
#include <utility>

namespace lucid::sim {

namespace {

// Null entropy means that no scope is open on this thread.
thread_local core::Time current_time{};
thread_local core::Random* current_entropy = nullptr;

int random_bytes(unsigned char* out, int size) noexcept {
  if (current_entropy == nullptr) return RAND_OpenSSL()->bytes(out, size);
  current_entropy->fill({out, static_cast<std::size_t>(size)});
  return 1;
}

int random_status() noexcept { return 1; }

// Seeding from outside is of no use to either generator.
int random_seed(const void*, int) noexcept { return 1; }
int random_add(const void*, int, double) noexcept { return 1; }

const RAND_METHOD random_method{.seed = random_seed,
                                .bytes = random_bytes,
                                .cleanup = nullptr,
                                .add = random_add,
                                .pseudorand = random_bytes,
                                .status = random_status};

void install_entropy() {
  static const bool installed = RAND_set_rand_method(&random_method) == 1;
  static_cast<void>(installed);
}

}  // namespace

VirtualTimeScope::VirtualTimeScope(core::Time now, core::Random& entropy)
    : outer_time_{std::exchange(current_time, now)},
      outer_entropy_{std::exchange(current_entropy, &entropy)} {
  install_entropy();
}

VirtualTimeScope::~VirtualTimeScope() {
  current_time = outer_time_;
  current_entropy = outer_entropy_;
}

}  // namespace lucid::sim

// Replaces the C library's: the calls of OpenSSL and other libraries are bound to this definition.
extern "C" int gettimeofday(struct timeval* __restrict out, void* __restrict) noexcept {
  if (lucid::sim::current_entropy != nullptr) {
    const auto unix_time = lucid::sim::virtual_wall_clock.unix_time(lucid::sim::current_time);
    out->tv_sec = static_cast<time_t>(unix_time.count() / 1'000'000);
    out->tv_usec = static_cast<suseconds_t>(unix_time.count() % 1'000'000);
    return 0;
  }
  struct timespec real;
  clock_gettime(CLOCK_REALTIME, &real);
  out->tv_sec = real.tv_sec;
  out->tv_usec = static_cast<suseconds_t>(real.tv_nsec / 1000);
  return 0;
}
