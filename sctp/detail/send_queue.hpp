#pragma once
#include <cstdint>
#include <deque>
#include <list>
#include <vector>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "sctp/association.hpp"

namespace lucid::sctp::detail {

// Messages that wait for room in the engine, a queue for each stream. Streams take turns by weight
// (RFC 8831 6.4, RFC 8260 3.6: start-time fair queueing), but a message once begun is finished
// first.
class SendQueue {
 public:
  struct Message {
    Association::Sending how;
    std::vector<std::uint8_t> payload;  // a slab of the pool would be too much for a small one
    core::Time since;
    std::uint32_t number = 0;
    std::size_t taken = 0;
    bool begun = false;
    bool given_up = false;  // its end leaves, so that the engine knows it
    core::Bytes left() const { return core::Bytes{payload}.subspan(taken); }
  };

  bool empty() const { return streams_.empty(); }
  // Memory that the messages take beside their bytes.
  std::size_t overhead() const { return count_ * (sizeof(Message) + 32); }
  bool holds(StreamId stream) const;
  void push(Message message, std::uint16_t weight);
  // The message whose turn it is. Valid until the next call that changes the queue; null when
  // empty.
  Message* next();
  // `count` bytes of next() have left. True: that was the end of it.
  bool taken(std::size_t count);
  // Forgets next(), or all messages of a stream that are not begun; returns how many bytes.
  std::size_t drop_next();
  std::size_t drop(StreamId stream);
  // A message that is begun needs no more than its last byte; returns how many fewer that is.
  std::size_t give_up(std::uint32_t number);

 private:
  struct Stream {
    StreamId id;
    std::uint16_t weight;
    std::uint64_t turn;  // the stream with the smallest goes next
    std::deque<Message> messages;
  };

  std::list<Stream> streams_;  // those with messages
  std::uint64_t turn_ = 0;     // of the stream served last
  std::size_t count_ = 0;
  std::list<Stream>::iterator current_{};  // the stream that next() chose
};

}  // namespace lucid::sctp::detail
