#pragma once
#include <list>
#include <memory>
#include <optional>

#include "net/detail/message_stream.hpp"
#include "net/edge.hpp"

namespace lucid::net::detail {

inline void report(const core::trace::Tracer& tracer, core::trace::Direction direction,
                   std::span<const core::Datagram> batch, core::Time now) {
  if (!tracer.listening()) return;
  for (const core::Datagram& one : batch) tracer.packet(now, direction, one.path, one.bytes);
}

// All streams of one edge: those it was told to open, the listeners, and what came in by them.
class Streams final : private MessageStream::Owner {
 public:
  Streams(Loop& loop, Edge::Client& client, const EdgeOptions& options);
  ~Streams() override;

  void open(core::OpenStream effect);
  void listen(core::Listen effect);
  void close(core::StreamId id);
  MessageStream* find(const core::Path& path);

 private:
  class Listener;
  struct Entry {
    std::optional<core::StreamId> id;  // none: it came in by a listener
    std::unique_ptr<MessageStream> stream;
  };

  const TlsContext* tls();
  void accept(int fd, core::Framing framing);
  void add(std::optional<core::StreamId> id, int fd, Connection connection, core::Framing framing,
           MessageStream::Side side);
  Entry take(MessageStream& stream);
  void stream_opened(MessageStream& stream) override;
  void stream_received(MessageStream& stream, std::span<core::Datagram> batch) override;
  void stream_closed(MessageStream& stream, core::PathError error) override;

  Loop& loop_;
  Edge::Client& client_;
  std::optional<TlsContext> tls_;
  core::trace::Tracer tracer_;
  std::list<Entry> streams_;
  std::list<Listener> listeners_;
};

}  // namespace lucid::net::detail
