#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "core/address.hpp"
#include "core/effects.hpp"
#include "net/tls.hpp"

namespace lucid::net::detail {

// How an attempt at non-blocking input or output ended.
enum class Io : std::uint8_t {
  done,
  want_read,   // try again when the descriptor is readable
  want_write,  // or writable
  closed,      // the other end has finished
  failed,      // error() says why
};

struct IoResult {
  Io state = Io::done;
  std::size_t size = 0;
};

// The bytes of one connected socket, plain or through TLS. Owns neither the descriptor nor a watch;
// it waits for nothing.
class Connection {
 public:
  explicit Connection(int fd);
  // `name` is what a client asks for and verifies; a server passes none.
  Connection(int fd, const TlsContext& tls, std::optional<std::string> name);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  Io handshake();  // done at once without TLS
  IoResult read(core::MutableBytes into);
  IoResult write(core::Bytes from);
  Io shut_down();  // tells the other end that nothing more will come
  bool secure() const { return tls_ != nullptr; }
  core::PathError error() const { return error_; }

 private:
  struct Tls;
  Io tls_outcome(int result);

  int fd_;
  std::unique_ptr<Tls> tls_;
  core::PathError error_ = core::PathError::closed;
};

// A non-blocking TCP socket on its way to `remote`, from `local` unless that is any address.
[[nodiscard]] std::expected<int, core::PathError> start_connect(const core::Address& local,
                                                                const core::Address& remote);
[[nodiscard]] std::expected<int, core::PathError> start_listen(const core::Address& local);
// The next connection that has come in, ready for use; -1 when there is none.
int accept_one(int listener);
// Zero once connected, otherwise the errno.
int connect_outcome(int fd);

}  // namespace lucid::net::detail
