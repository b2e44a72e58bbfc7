#pragma once
#include <optional>
#include <span>
#include <vector>

#include "ice/server_addresses.hpp"
#include "stun/transaction.hpp"

namespace lucid::ice {

// Asks STUN servers what our bases look like from outside (RFC 8445 5.1.1.2), and keeps what NATs
// have opened for that until a pair is selected (RFC 8445 5.1.1.4).
class ServerQueries {
 public:
  struct Answer {
    core::Address base;
    core::Address mapped;
    Server server;
  };

  explicit ServerQueries(Shared& shared) : shared_{shared}, servers_{shared, Server::Kind::stun} {}

  // Looks up the servers' names.
  void start(core::Time now);
  // The servers are other ones now: these are not asked any more.
  void restart();
  void add_base(const core::Address& base, core::Time now);
  void remove_base(const core::Address& base);
  void resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now);
  // False when it was not an answer to a query.
  bool handle_response(const core::Path& path, const stun::Message& response, core::Time now);
  void path_error(const core::Path& path, core::PathError error, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Time> next_timeout() const;

  void keep_alive(bool keep) { keeping_ = keep; }

  bool busy() const;
  std::vector<Answer> take_answers() { return std::exchange(answers_, {}); }

 private:
  struct Query {
    core::Path path;
    Server server;
    core::Time start{};                                 // a name's next address waits
    std::optional<stun::Transaction> transaction = {};  // none while it waits for its turn

    bool asks(const Server& whom, const core::Address& base) const {
      return server == whom && path.local == base;
    }
  };
  // An answered query, whose binding is kept.
  struct Kept {
    core::Path path;
    Server server;
    core::Address mapped;
    core::Time due;
    std::optional<stun::TransactionId> id = {};  // of the latest request
    int moves = 0;                               // of the mapped address
  };
  using Queries = std::vector<Query>;

  void ask(const core::Address& base, const ServerAddresses::Entry& server, core::Time now);
  void run(core::Time now);
  core::Buffer build(const stun::TransactionId& id) const;
  void succeed(core::Path path, Server server, const core::Address& mapped, core::Time now);
  Queries::iterator fail(Queries::iterator query, std::uint16_t code, std::string_view text,
                         core::Time now);

  Shared& shared_;
  ServerAddresses servers_;
  std::vector<core::Address> bases_;
  Queries queries_;
  std::vector<Kept> kept_;
  bool keeping_ = true;
  std::vector<Answer> answers_;
};

}  // namespace lucid::ice
