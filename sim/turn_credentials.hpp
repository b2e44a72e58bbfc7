#pragma once
#include <expected>
#include <map>
#include <optional>
#include <string>

#include "core/random.hpp"
#include "core/time.hpp"
#include "stun/builder.hpp"
#include "stun/integrity.hpp"
#include "stun/message.hpp"

namespace lucid::sim {

// The server's side of the long-term credential mechanism (RFC 8489 9.2.4).
class TurnCredentials {
 public:
  struct Config {
    std::string realm = "example.org";
    std::map<std::string, std::string> users;  // name, password
    core::Duration nonce_lifetime{std::chrono::minutes{10}};
    bool algorithms = false;  // offers SHA-256 beside MD5, and user names under a hash
  };
  // A request that is what it says it is: who sent it, and how to protect the answer.
  struct Authenticated {
    std::string username;
    stun::Key key;
    bool sha256;
    void protect(stun::Builder& out) const {
      if (sha256) {
        out.integrity_sha256(key);
      } else {
        out.integrity(key);
      }
    }
  };

  TurnCredentials(Config config, core::Random& random)
      : config_{std::move(config)}, random_{random} {}

  [[nodiscard]] std::expected<Authenticated, stun::ErrorCode> check(const stun::Message& request,
                                                                    core::Time now);
  // Adds REALM, NONCE and what belongs to them to a 401 or 438.
  void challenge(stun::Builder& out, core::Time now);
  // From now on every nonce given out before is stale.
  void forget_nonce() { nonce_.clear(); }

 private:
  const std::string& nonce(core::Time now);
  std::optional<std::string> username_of(const stun::Message& request) const;

  Config config_;
  core::Random& random_;
  std::string nonce_;
  core::Time nonce_since_{};
};

}  // namespace lucid::sim
