#pragma once
#include <deque>

#include "core/machine.hpp"

// The smallest machines that have something to repeat: an asker that sends a number until it is
// answered, and an echo. One pair knows paths, the other does not.
namespace lucid::sim::test {

struct Answered {
  std::uint8_t number;
};

template <class In, class Out>
class AskerOf {
 public:
  using Datagram = In;
  using Transmit = Out;
  using Event = std::variant<Answered>;

  AskerOf(std::uint8_t questions, core::Context context)
      : pool_{context.pool}, random_{context.random}, questions_{questions} {
    retry_ = core::Time{};
  }
  void start(core::Time now) { ask(now); }
  void handle_datagram(Datagram in, core::Time now) {
    core::Bytes bytes;
    if constexpr (std::same_as<In, core::Datagram>) {
      bytes = in.bytes;
    } else {
      bytes = in;
    }
    if (bytes.empty() || bytes[0] != number_ || number_ == questions_) return;
    events_.push_back(Answered{number_++});
    retry_.reset();
    if (number_ < questions_) ask(now);
  }
  void handle_timeout(core::Time now) {
    if (retry_ && *retry_ <= now && number_ < questions_) ask(now);
  }
  std::optional<Transmit> poll_transmit() { return pop(transmits_); }
  std::optional<Event> poll_event() { return pop(events_); }
  std::optional<core::Time> next_timeout() const { return retry_; }

 private:
  template <class T>
  static std::optional<T> pop(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> front{std::move(queue.front())};
    queue.pop_front();
    return front;
  }
  void ask(core::Time now) {
    core::Buffer bytes = pool_.take(9);
    random_.fill(bytes.bytes());
    bytes.data()[0] = number_;
    if constexpr (std::same_as<Out, core::Datagram>) {
      const core::Path path{core::Transport::udp, *core::Address::parse("192.0.2.1:1000"),
                            *core::Address::parse("192.0.2.2:2000")};
      transmits_.push_back({path, core::Ecn::ect1, std::move(bytes)});
    } else {
      transmits_.push_back(std::move(bytes));
    }
    retry_ = now + std::chrono::milliseconds{200};
  }

  core::Pool& pool_;
  core::Random& random_;
  std::uint8_t questions_;
  std::uint8_t number_ = 0;
  std::optional<core::Time> retry_;
  std::deque<Transmit> transmits_;
  std::deque<Event> events_;
};

struct Heard {
  core::Path path;
  core::Ecn ecn;
};

template <class In, class Out>
class EchoOf {
 public:
  using Datagram = In;
  using Transmit = Out;
  using Event = std::variant<Heard>;

  explicit EchoOf(core::Context context) : pool_{context.pool} {}
  void handle_datagram(Datagram in, core::Time) {
    if constexpr (std::same_as<In, core::Datagram>) {
      events_.push_back(Heard{in.path, in.ecn});
      transmits_.push_back({in.path, in.ecn, std::move(in.bytes)});
    } else {
      events_.push_back(Heard{});
      transmits_.push_back(pool_.copy(in));
    }
  }
  void handle_timeout(core::Time) {}
  std::optional<Transmit> poll_transmit() { return pop(transmits_); }
  std::optional<Event> poll_event() { return pop(events_); }
  std::optional<core::Time> next_timeout() const { return std::nullopt; }

 private:
  template <class T>
  static std::optional<T> pop(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> front{std::move(queue.front())};
    queue.pop_front();
    return front;
  }

  core::Pool& pool_;
  std::deque<Transmit> transmits_;
  std::deque<Event> events_;
};

using Asker = AskerOf<core::Bytes, core::Buffer>;
using Echo = EchoOf<core::Bytes, core::Buffer>;
using PathAsker = AskerOf<core::Datagram, core::Datagram>;
using PathEcho = EchoOf<core::Datagram, core::Datagram>;
static_assert(core::Machine<Asker> && core::Machine<Echo>);
static_assert(core::Machine<PathAsker> && core::Machine<PathEcho>);

}  // namespace lucid::sim::test
