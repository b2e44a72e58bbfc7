#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <vector>

#include "signaling/client/events.hpp"
#include "signaling/server.hpp"

// Clients of a dialect and its server in one room: what the ones say the other hears, until nobody
// has anything to say.
namespace lucid::signaling::testing {

template <class Server, class C>
class Table {
 public:
  explicit Table(core::Context context)
      : server_{Limits{}, core::WallClock{core::WallClock::Microseconds{1'700'000'000'000'000}},
                context} {}

  // A client that has just connected; its number.
  std::size_t sit(C client) {
    seats_.push_back({std::move(client), {}, true});
    connect(seats_.size() - 1);
    return seats_.size() - 1;
  }
  void connect(std::size_t seat) {
    seats_[seat].id = ClientId{next_++};
    seats_[seat].connected = true;
    server_.handle_datagram(Joined{seats_[seat].id}, now);
    seats_[seat].client.opened();
    settle();
  }
  void disconnect(std::size_t seat) {
    server_.handle_datagram(Left{seats_[seat].id}, now);
    seats_[seat].connected = false;
    seats_[seat].client.closed();
    settle();
  }
  C& operator[](std::size_t seat) { return seats_[seat].client; }

  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (Seat& seat : seats_) {
        while (auto text = seat.client.poll_text()) {
          busy = true;
          if (seat.connected && carry_up(*text)) {
            server_.handle_datagram(Said{seat.id, *text}, now);
          }
        }
      }
      while (auto out = server_.poll_transmit()) {
        busy = true;
        if (const auto* words = std::get_if<Say>(&*out)) hear(words->client, words->text);
        if (const auto* words = std::get_if<SayAll>(&*out)) {
          for (const ClientId client : words->clients) hear(client, words->text);
        }
      }
    }
  }

  // The next event of this kind that the client has for its owner; what comes before it is passed
  // over.
  template <class E>
  std::optional<E> next(std::size_t seat) {
    settle();
    while (auto event = seats_[seat].client.poll_event()) {
      if (auto* wanted = std::get_if<E>(&*event)) return std::move(*wanted);
    }
    return std::nullopt;
  }
  std::size_t events(std::size_t seat) {
    settle();
    std::size_t count = 0;
    while (seats_[seat].client.poll_event()) ++count;
    return count;
  }

  core::Time now{std::chrono::seconds{1}};
  // What carries the words may wrap them: Engine.IO does. False: this one is not for the server.
  std::function<bool(std::string&)> carry_up = [](std::string&) { return true; };
  std::function<void(std::string&)> carry_down = [](std::string&) {};

 private:
  void hear(ClientId client, std::string text) {
    carry_down(text);
    for (Seat& seat : seats_) {
      if (seat.connected && seat.id == client) seat.client.hear(text);
    }
  }
  struct Seat {
    C client;
    ClientId id;
    bool connected;
  };
  Server server_;
  std::deque<Seat> seats_;
  std::uint64_t next_ = 1;
};

struct World : ::testing::Test {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Context context{random, pool};
};

inline const client::Description offer{"offer", "v=0 offer"};
inline const client::Description answer{"answer", "v=0 answer"};
inline const client::Candidate candidate{"candidate:1 1 udp 1 192.0.2.1 5000 typ host", "0", 0,
                                         "abcd"};

}  // namespace lucid::signaling::testing
