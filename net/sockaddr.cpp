#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "net/detail/sockaddr.hpp"

namespace lucid::net::detail {

SocketAddress::SocketAddress(const core::Address& address) {
  if (address.family() == core::Family::v4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, address.ip.bytes().data(), 4);
    std::memcpy(&storage, &v4, sizeof(v4));
    size = sizeof(v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    v6.sin6_scope_id = address.ip.scope();
    std::memcpy(&v6.sin6_addr, address.ip.bytes().data(), 16);
    std::memcpy(&storage, &v6, sizeof(v6));
    size = sizeof(v6);
  }
}

core::Address to_address(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &storage, sizeof(v4));
    return {core::Ip::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &storage, sizeof(v6));
    return {*core::Ip::from_bytes(v6.sin6_addr.s6_addr, v6.sin6_scope_id), ntohs(v6.sin6_port)};
  }
  return {};
}

int family_of(const core::Ip& ip) { return ip.family() == core::Family::v4 ? AF_INET : AF_INET6; }

core::Address local_address(int fd) {
  SocketAddress address;
  if (getsockname(fd, address.data(), &address.size) != 0) return {};
  return to_address(address.storage);
}

core::Address remote_address(int fd) {
  SocketAddress address;
  if (getpeername(fd, address.data(), &address.size) != 0) return {};
  return to_address(address.storage);
}

core::PathError path_error_of(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      return core::PathError::refused;
    case ETIMEDOUT:
      return core::PathError::timed_out;
    case EMSGSIZE:
      return core::PathError::too_big;
    case EACCES:
    case EPERM:
      return core::PathError::not_permitted;
    default:
      return core::PathError::unreachable;
  }
}

}  // namespace lucid::net::detail
