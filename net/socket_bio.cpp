#include <sys/socket.h>

#include <cerrno>

#include "core/check.hpp"
#include "core/handle.hpp"
#include "net/detail/socket_bio.hpp"

namespace lucid::net::detail {

namespace {

int descriptor(BIO* bio) { return *static_cast<const int*>(BIO_get_data(bio)); }

int bio_write(BIO* bio, const char* data, int size) noexcept {
  BIO_clear_retry_flags(bio);
  const ssize_t count =
      send(descriptor(bio), data, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int bio_read(BIO* bio, char* data, int size) noexcept {
  BIO_clear_retry_flags(bio);
  const ssize_t count = recv(descriptor(bio), data, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(count);
}

long bio_control(BIO* bio, int command, long, void*) noexcept {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int bio_destroy(BIO* bio) noexcept {
  delete static_cast<int*>(BIO_get_data(bio));
  return 1;
}

BIO_METHOD* method() {
  static const core::Handle<BIO_METHOD, BIO_meth_free> one = [] {
    core::Handle<BIO_METHOD, BIO_meth_free> made{
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals")};
    core::check(made != nullptr);
    BIO_meth_set_write(made.get(), bio_write);
    BIO_meth_set_read(made.get(), bio_read);
    BIO_meth_set_ctrl(made.get(), bio_control);
    BIO_meth_set_destroy(made.get(), bio_destroy);
    return made;
  }();
  return one.get();
}

}  // namespace

BIO* new_socket_bio(int fd) {
  BIO* bio = BIO_new(method());
  core::check(bio != nullptr);
  BIO_set_data(bio, new int{fd});
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace lucid::net::detail
