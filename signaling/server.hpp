#pragma once
#include <cstdint>
#include <string>
#include <variant>

// What all servers of this folder have in common: clients come, say something, and go; the server
// says something to some of them. Who carries the words (a WebSocket, polling, a program in the
// same process) is not its business.
namespace lucid::signaling {

enum class ClientId : std::uint64_t {};

struct Joined {
  ClientId client{};
};
struct Said {
  ClientId client{};
  std::string text;
};
struct Left {
  ClientId client{};
};
using Incoming = std::variant<Joined, Said, Left>;

struct Say {
  ClientId client{};
  std::string text;
};
struct Dismiss {  // the connection is to be closed
  ClientId client{};
  std::string reason;
};
using Outgoing = std::variant<Say, Dismiss>;

// Bounds that hold for each client of each dialect.
struct Limits {
  std::size_t clients = 10'000;
  std::size_t message = std::size_t{256} * 1024;
  std::size_t name = 32;
  double messages_a_second = 50;  // on average; twenty seconds' worth may come at once
};

}  // namespace lucid::signaling
