#include <cerrno>

#include "net/detail/acceptor.hpp"
#include "net/detail/connection.hpp"

namespace lucid::net::detail {

namespace {

using namespace std::chrono_literals;

constexpr int accepts_at_once = 64;  // then other sockets have their turn
constexpr core::Duration pause =
    100ms;  // when descriptors have run out: whoever waits stays readable

}  // namespace

Acceptor::Acceptor(Loop& loop, int listener, Owner& owner)
    : loop_{loop},
      owner_{owner},
      pause_{loop, [this] { watch_.want_read(); }},
      watch_{loop, listener, *this} {
  watch_.want_read();
}

void Acceptor::readable() {
  for (int i = 0; i < accepts_at_once; ++i) {
    const int fd = accept_one(watch_.fd());
    if (fd < 0) {
      const bool none = errno == EAGAIN || errno == ECONNABORTED || errno == EINTR;
      if (!none) return pause_.set(loop_.now() + pause);
      break;
    }
    owner_.accepted(fd);
  }
  watch_.want_read();
}

}  // namespace lucid::net::detail
