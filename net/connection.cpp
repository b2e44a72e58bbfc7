#include "net/detail/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "core/handle.hpp"
#include "net/detail/sockaddr.hpp"
#include "net/detail/socket_bio.hpp"
#include "net/detail/tls_state.hpp"

namespace lucid::net::detail {

struct Connection::Tls {
  core::Handle<SSL, SSL_free> ssl;
};

Connection::Connection(int fd) : fd_{fd} {}

Connection::Connection(int fd, const TlsContext& tls, std::optional<std::string> name)
    : fd_{fd}, tls_{std::make_unique<Tls>()} {
  tls_->ssl.reset(SSL_new(tls.state().context.get()));
  SSL* ssl = tls_->ssl.get();
  BIO* bio = new_socket_bio(fd);
  SSL_set_bio(ssl, bio, bio);  // takes it
  if (!name) {
    SSL_set_accept_state(ssl);
    return;
  }
  SSL_set_connect_state(ssl);
  // RFC 6066 3: the name of the server is a DNS name; an address is only verified.
  if (core::Ip::parse(*name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name->c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, name->c_str());
    SSL_set1_host(ssl, name->c_str());
  }
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Io Connection::tls_outcome(int result) {
  SSL* ssl = tls_->ssl.get();
  const int system_error = errno;
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_NONE:
      return Io::done;
    case SSL_ERROR_WANT_READ:
      return Io::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Io::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return Io::closed;
    case SSL_ERROR_SYSCALL:
      error_ = system_error == 0 ? core::PathError::closed : path_error_of(system_error);
      return Io::failed;
    default:
      break;
  }
  // RFC 8446 6: an alert is the other side's refusal. What else comes is no TLS.
  const bool alert = ERR_GET_REASON(ERR_peek_error()) >= SSL_AD_REASON_OFFSET;
  error_ = SSL_get_verify_result(ssl) != X509_V_OK ? core::PathError::bad_certificate
           : alert                                 ? core::PathError::refused
                                                   : core::PathError::closed;
  return Io::failed;
}

Io Connection::handshake() {
  if (tls_ == nullptr) return Io::done;
  ERR_clear_error();
  return tls_outcome(SSL_do_handshake(tls_->ssl.get()));
}

IoResult Connection::read(core::MutableBytes into) {
  if (tls_ != nullptr) {
    ERR_clear_error();
    const int size = static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX));
    const int count = SSL_read(tls_->ssl.get(), into.data(), size);
    if (count > 0) return {Io::done, static_cast<std::size_t>(count)};
    return {tls_outcome(count), 0};
  }
  const ssize_t count = recv(fd_, into.data(), into.size(), MSG_DONTWAIT);
  if (count > 0) return {Io::done, static_cast<std::size_t>(count)};
  if (count == 0) return {Io::closed, 0};
  if (errno == EAGAIN || errno == EINTR) return {Io::want_read, 0};
  error_ = path_error_of(errno);
  return {Io::failed, 0};
}

IoResult Connection::write(core::Bytes from) {
  if (from.empty()) return {Io::done, 0};
  if (tls_ != nullptr) {
    ERR_clear_error();
    const int size = static_cast<int>(std::min<std::size_t>(from.size(), INT_MAX));
    const int count = SSL_write(tls_->ssl.get(), from.data(), size);
    if (count > 0) return {Io::done, static_cast<std::size_t>(count)};
    return {tls_outcome(count), 0};
  }
  const ssize_t count = send(fd_, from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count >= 0) return {Io::done, static_cast<std::size_t>(count)};
  if (errno == EAGAIN || errno == EINTR) return {Io::want_write, 0};
  error_ = path_error_of(errno);
  return {Io::failed, 0};
}

Io Connection::shut_down() {
  Io outcome = Io::done;
  if (tls_ != nullptr) {
    ERR_clear_error();
    const int result = SSL_shutdown(tls_->ssl.get());
    if (result < 0) outcome = tls_outcome(result);
  }
  if (outcome != Io::want_write) shutdown(fd_, SHUT_WR);
  return outcome;
}

namespace {

void set_up(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

int tcp_socket(const core::Ip& ip) {
  return socket(family_of(ip), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

std::unexpected<core::PathError> give_up(int fd) {
  const int error = errno;
  if (fd >= 0) close(fd);
  return std::unexpected(path_error_of(error));
}

}  // namespace

std::expected<int, core::PathError> start_connect(const core::Address& local,
                                                  const core::Address& remote) {
  const int fd = tcp_socket(remote.ip);
  if (fd < 0) return give_up(fd);
  set_up(fd);
  if (local.family() == remote.family() && (!local.ip.is_any() || local.port != 0)) {
    const SocketAddress from{local};
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, from.data(), from.size) != 0) return give_up(fd);
  }
  const SocketAddress to{remote};
  if (connect(fd, to.data(), to.size) != 0 && errno != EINPROGRESS) return give_up(fd);
  return fd;
}

std::expected<int, core::PathError> start_listen(const core::Address& local) {
  const int fd = tcp_socket(local.ip);
  if (fd < 0) return give_up(fd);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const SocketAddress address{local};
  if (bind(fd, address.data(), address.size) != 0 || listen(fd, SOMAXCONN) != 0) {
    return give_up(fd);
  }
  return fd;
}

int accept_one(int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) set_up(fd);
  return fd;
}

int connect_outcome(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace lucid::net::detail
