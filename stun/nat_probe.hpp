#pragma once
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/effects.hpp"
#include "core/machine.hpp"
#include "stun/builder.hpp"
#include "stun/transaction.hpp"

namespace lucid::stun {

// Finds out how the NATs on the way behave, with a server of RFC 5780. One socket, one request at a
// time, in the order that keeps one test from opening the door for the next:
//
//   binding --> filtering II --> filtering III --> mapping II --> mapping III --> hairpin --> done
class NatProbe {
 public:
  // RFC 4787 4.1 and 5: what a mapping, or who may use it, depends on.
  enum class Dependence : std::uint8_t { unknown, none, address, address_and_port };
  struct Findings {
    core::Address local;
    std::string trouble;                  // why nothing could be asked; empty otherwise
    std::optional<core::Address> mapped;  // as the server sees us; none: UDP does not get through
    bool translated = false;
    bool server_has_two_addresses = false;  // without, only `mapped` can be found out
    Dependence mapping = Dependence::unknown;
    Dependence filtering = Dependence::unknown;
    std::optional<bool> hairpinning;  // RFC 5780 4.5: reaches itself at its mapped address
  };
  struct Done {
    Findings findings;
  };

  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = std::variant<Done, core::Effect>;

  struct Config {
    std::string server;  // an address, or a name to be resolved
    std::uint16_t port = 3478;
    std::optional<core::Ip> local;  // which address of this host to ask from
  };
  // Waits for interfaces() to choose a local address by.
  NatProbe(Config config, core::Context context);

  void interfaces(std::span<const core::Interface> list, core::Time now);
  void resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now);
  void bound(core::SocketId id, core::Address local, core::Time now);
  void bind_failed(core::SocketId id, core::PathError error, core::Time now);
  void handle_datagram(core::Datagram in, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Datagram> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

 private:
  enum class Test : std::uint8_t {
    waiting,
    binding,
    filtering_2,
    filtering_3,
    mapping_2,
    mapping_3,
    hairpin,
    done,
  };
  void bind(core::Time now);
  void start(Test test, core::Time now);
  void answered(const Message& response, core::Time now);
  void unanswered(core::Time now);
  void send();

  Config config_;
  core::Context context_;
  std::vector<core::Ip> hosts_;  // this host's addresses
  std::optional<core::Address> server_;
  std::optional<core::Address> other_;
  Findings findings_;
  Test test_ = Test::waiting;
  core::Address target_;
  std::optional<core::Address> second_mapping_;
  std::optional<Transaction> transaction_;
  std::deque<core::Datagram> transmits_;
  std::deque<Event> events_;
};
static_assert(core::Machine<NatProbe>);

// RFC 4787's words: "endpoint-independent", "address-dependent", "address and port-dependent".
std::string_view to_string(NatProbe::Dependence dependence);
// The name people know it by, of RFC 3489 5: "full cone", "symmetric".
std::string_view common_name(const NatProbe::Findings& findings);

}  // namespace lucid::stun
