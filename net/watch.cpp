#include <boost/asio/posix/stream_descriptor.hpp>

#include "net/detail/loop_state.hpp"
#include "net/detail/watch.hpp"

namespace lucid::net::detail {

using boost::asio::posix::stream_descriptor;

struct Watch::State {
  State(boost::asio::io_context& context, int fd, Handler& to)
      : descriptor{context, fd}, handler{&to} {}

  stream_descriptor descriptor;
  Handler* handler;  // null once the watch is gone
  bool reading = false;
  bool writing = false;
};

Watch::Watch(Loop& loop, int fd, Handler& handler)
    : state_{std::make_shared<State>(loop.state().context, fd, handler)} {}

Watch::~Watch() {
  state_->handler = nullptr;
  boost::system::error_code error;
  error = state_->descriptor.close(error);  // there is nothing to be done about one
}

int Watch::fd() const { return state_->descriptor.native_handle(); }

void Watch::want_read() {
  if (state_->reading) return;
  state_->reading = true;
  state_->descriptor.async_wait(stream_descriptor::wait_read,
                                [state = state_](boost::system::error_code error) {
                                  state->reading = false;
                                  if (!error && state->handler != nullptr)
                                    state->handler->readable();
                                });
}

void Watch::want_write() {
  if (state_->writing) return;
  state_->writing = true;
  state_->descriptor.async_wait(stream_descriptor::wait_write,
                                [state = state_](boost::system::error_code error) {
                                  state->writing = false;
                                  if (!error && state->handler != nullptr)
                                    state->handler->writable();
                                });
}

}  // namespace lucid::net::detail
