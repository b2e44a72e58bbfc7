#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

// What all servers of this folder have in common: clients come, say something, and go; the server
// says something to some of them. Who carries the words (a WebSocket, polling, a program in the
// same process) is not its business. Servers that share a bus behave as one: what one publishes on
// it all of them hear, itself included, in one order.
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
struct BusUp {};
struct BusDown {};
struct BusSaid {
  std::string text;
};
using Incoming = std::variant<Joined, Said, Left, BusUp, BusDown, BusSaid>;

struct Say {
  ClientId client{};
  std::string text;
};
struct SayAll {  // the same words to many
  std::vector<ClientId> clients;
  std::string text;
};
struct Dismiss {  // the connection is to be closed
  ClientId client{};
  std::string reason;
};
struct Publish {  // on the bus
  std::string text;
};
using Outgoing = std::variant<Say, SayAll, Dismiss, Publish>;

// Bounds that hold for each client of each dialect. Averages: twenty seconds' worth may come at
// once.
struct Limits {
  std::size_t clients = 10'000;
  std::size_t message = std::size_t{256} * 1024;
  std::size_t name = 32;
  double messages_a_second = 50;
  double bytes_a_second = 64.0 * 1024;
  std::size_t room = 2;  // members of one
};

struct ServerStats {
  std::uint64_t messages = 0;
  std::uint64_t malformed = 0;
  std::uint64_t no_such_target = 0;
  std::uint64_t dismissed = 0;
  std::uint64_t bus_in = 0;
  std::uint64_t bus_out = 0;
  std::uint64_t bus_dropped = 0;  // not ours, malformed, or too much while the bus was down
};

}  // namespace lucid::signaling
