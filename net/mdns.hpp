#pragma once
#include <deque>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/effects.hpp"
#include "core/machine.hpp"
#include "net/mdns_message.hpp"

namespace lucid::net {

// Multicast DNS (RFC 6762) as far as ".local" candidates need it: asks for the addresses of names,
// and answers for those that were published. Names are random and used by nobody else, so they are
// neither probed for nor defended.
//
// It speaks on the host's addresses that it was told; the local end of each path is one of them,
// with port 5353.
class Mdns {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  struct Resolved {
    core::ResolveId id;
    std::vector<core::Ip> addresses;  // none: nobody answered
  };
  using Event = std::variant<Resolved>;

  struct Stats {
    std::uint64_t queries_sent = 0;
    std::uint64_t answers_sent = 0;
    std::uint64_t dropped_malformed = 0;
    std::uint64_t dropped_wrong_port = 0;
  };

  static constexpr std::uint16_t port = 5353;
  static core::Address group(core::Family family);  // RFC 6762 3: 224.0.0.251, ff02::fb

  explicit Mdns(core::Context context);

  void use_addresses(std::vector<core::Ip> addresses) { addresses_ = std::move(addresses); }
  void resolve(core::ResolveId id, std::string name, core::Time now);
  void cancel(core::ResolveId id);
  void publish(std::string name, core::Ip ip, core::Time now);
  void withdraw(std::string_view name, core::Time now);

  void handle_datagram(core::Datagram in, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Datagram> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;
  const Stats& stats() const { return stats_; }

 private:
  struct Query {
    core::ResolveId id;
    std::string name;
    core::Time give_up;
    core::Timer again;
  };
  struct Published {
    std::string name;
    core::Ip ip;
    core::Timer announce_again;
  };

  void ask(const Query& query);
  void answer(const MdnsMessage& query, const core::Path& path);
  void learn(const MdnsMessage& response);
  void announce(const Published& one, std::uint32_t ttl);
  void send_everywhere(const MdnsMessage& message);
  void send(const MdnsMessage& message, const core::Path& path);

  core::Pool& pool_;
  std::vector<core::Ip> addresses_;
  std::vector<Query> queries_;
  std::vector<Published> published_;
  std::deque<core::Datagram> transmits_;
  std::deque<Event> events_;
  Stats stats_;
};
static_assert(core::Machine<Mdns>);

}  // namespace lucid::net
