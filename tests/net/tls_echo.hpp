#pragma once
#include <sys/socket.h>
#include <unistd.h>

#include <poll.h>
#include <array>
#include <thread>

#include "net/detail/connection.hpp"
#include "net/detail/sockaddr.hpp"
#include "net/tls.hpp"

namespace lucid::net::test {

// A TLS server on a thread of its own that sends back what one client sends.
class TlsEcho {
 public:
  explicit TlsEcho(const Certificate& certificate)
      : listener_{*detail::start_listen({core::Ip::loopback(core::Family::v4), 0})},
        address_{detail::local_address(listener_)},
        context_{*TlsContext::server(certificate)},
        thread_{[this] { serve(); }} {}
  ~TlsEcho() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  core::Address address() const { return address_; }

 private:
  void serve() {
    wait(listener_, POLLIN);
    const int fd = detail::accept_one(listener_);
    if (fd < 0) return;
    detail::Connection connection{fd, context_, std::nullopt};
    if (retry(fd, [&] { return connection.handshake(); }) == detail::Io::done) echo(fd, connection);
    close(fd);
  }
  static void echo(int fd, detail::Connection& connection) {
    std::array<std::uint8_t, 4096> room;
    while (true) {
      detail::IoResult result;
      const auto read = [&] {
        result = connection.read(room);
        return result.state;
      };
      if (retry(fd, read) != detail::Io::done) return;
      retry(fd, [&] { return connection.write(core::Bytes{room}.first(result.size)).state; });
    }
  }
  template <class Attempt>
  static detail::Io retry(int fd, Attempt attempt) {
    while (true) {
      const detail::Io io = attempt();
      if (io == detail::Io::want_read) {
        wait(fd, POLLIN);
      } else if (io == detail::Io::want_write) {
        wait(fd, POLLOUT);
      } else {
        return io;
      }
    }
  }
  static void wait(int fd, short events) {
    pollfd one{fd, events, 0};
    poll(&one, 1, 10'000);
  }

  int listener_;
  core::Address address_;
  TlsContext context_;
  std::thread thread_;
};

}  // namespace lucid::net::test
