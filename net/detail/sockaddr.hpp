#pragma once
#include <sys/socket.h>

#include "core/address.hpp"
#include "core/effects.hpp"

namespace lucid::net::detail {

// An address in the form that system calls take.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  SocketAddress() = default;
  explicit SocketAddress(const core::Address& address);
  sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

core::Address to_address(const sockaddr_storage& storage);
int family_of(const core::Ip& ip);
core::Address local_address(int fd);
core::Address remote_address(int fd);

// What an errno of a socket call means for the path.
core::PathError path_error_of(int error);

}  // namespace lucid::net::detail
