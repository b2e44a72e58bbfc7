#include "net/detail/streams.hpp"

#include <unistd.h>

#include <algorithm>

#include "net/detail/acceptor.hpp"
#include "net/detail/loop_state.hpp"
#include "net/detail/sockaddr.hpp"

namespace lucid::net::detail {

namespace {

constexpr std::size_t max_streams = 256;  // a machine has a few; the rest would be an attack

}  // namespace

class Streams::Listener final : private Acceptor::Owner {
 public:
  Listener(Loop& loop, Streams& streams, const core::Listen& asked, int fd)
      : asked_{asked}, streams_{streams}, acceptor_{loop, fd, *this} {}

  core::StreamId id() const { return asked_.id; }

 private:
  void accepted(int fd) override { streams_.accept(fd, asked_.framing); }

  core::Listen asked_;
  Streams& streams_;
  Acceptor acceptor_;
};

Streams::Streams(Loop& loop, Edge::Client& client, const EdgeOptions& options)
    : loop_{loop}, client_{client}, tls_{options.tls}, tracer_{options.tracer} {}
Streams::~Streams() = default;

// The system's authorities take a while to read, so all edges of a loop share them.
const TlsContext* Streams::tls() {
  if (tls_) return &*tls_;
  std::optional<TlsContext>& shared = loop_.state().tls;
  if (!shared) {
    if (auto made = TlsContext::client()) shared = *std::move(made);
  }
  return shared ? &*shared : nullptr;
}

void Streams::open(core::OpenStream effect) {
  const bool secure = effect.transport == core::Transport::tls;
  const TlsContext* context = secure ? tls() : nullptr;
  if (secure && context == nullptr) {
    return client_.closed(effect.id, core::PathError::bad_certificate, loop_.now());
  }
  const auto fd = start_connect(effect.local, effect.remote);
  if (!fd) return client_.closed(effect.id, fd.error(), loop_.now());
  std::string name =
      effect.server_name.empty() ? effect.remote.ip.text() : std::move(effect.server_name);
  Connection connection = secure ? Connection{*fd, *context, std::move(name)} : Connection{*fd};
  add(effect.id, *fd, std::move(connection), effect.framing, MessageStream::Side::connecting);
}

void Streams::listen(core::Listen effect) {
  const auto fd = start_listen(effect.local);
  if (!fd) return client_.closed(effect.id, fd.error(), loop_.now());
  listeners_.emplace_back(loop_, *this, effect, *fd);
  client_.listening(effect.id, local_address(*fd), loop_.now());
}

void Streams::close(core::StreamId id) {
  listeners_.remove_if([&](const Listener& one) { return one.id() == id; });
  streams_.remove_if([&](const Entry& one) { return one.id == id; });
}

MessageStream* Streams::find(const core::Path& path) {
  const auto found =
      std::ranges::find_if(streams_, [&](const Entry& one) { return one.stream->path() == path; });
  return found == streams_.end() ? nullptr : found->stream.get();
}

void Streams::accept(int fd, core::Framing framing) {
  if (streams_.size() >= max_streams) {
    ::close(fd);
    return;
  }
  add(std::nullopt, fd, Connection{fd}, framing, MessageStream::Side::accepted);
}

void Streams::add(std::optional<core::StreamId> id, int fd, Connection connection,
                  core::Framing framing, MessageStream::Side side) {
  MessageStream::Owner& owner = *this;
  streams_.push_back({id, std::make_unique<MessageStream>(loop_, owner, fd, std::move(connection),
                                                          framing, side)});
}

Streams::Entry Streams::take(MessageStream& stream) {
  const auto found =
      std::ranges::find_if(streams_, [&](const Entry& one) { return one.stream.get() == &stream; });
  Entry entry = std::move(*found);
  streams_.erase(found);
  return entry;
}

void Streams::stream_opened(MessageStream& stream) {
  for (const Entry& one : streams_) {
    if (one.stream.get() == &stream) {
      return client_.opened(*one.id, stream.path(), loop_.now());
    }
  }
}

void Streams::stream_received(MessageStream&, std::span<core::Datagram> batch) {
  report(tracer_, core::trace::Direction::in, batch, loop_.now());
  client_.received(batch, loop_.now());
}

void Streams::stream_closed(MessageStream& stream, core::PathError error) {
  const Entry entry = take(stream);
  if (entry.id) return client_.closed(*entry.id, error, loop_.now());
  const UdpSocket::Refusal refusal{stream.path(), error};
  client_.path_errors({&refusal, 1}, loop_.now());
}

}  // namespace lucid::net::detail
