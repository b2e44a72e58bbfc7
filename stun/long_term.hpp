#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stun/builder.hpp"
#include "stun/integrity.hpp"
#include "stun/message.hpp"

namespace lucid::stun {

// The client's side of the long-term credential mechanism (RFC 8489 9.2): a server challenges with
// a realm and a nonce, and the client signs what it sends from then on.
//
//   request --> 401, REALM, NONCE --> request, signed --> success
//                                          ^   438, NONCE |
//                                          +--------------+
class LongTerm {
 public:
  enum class Verdict : std::uint8_t {
    retry,      // sign the request and send it again, as a new transaction
    refused,    // the credentials are wrong
    malformed,  // the challenge lacks something, or was tampered with: as if it had not come
  };

  LongTerm(std::string username, std::string password)
      : username_{std::move(username)}, password_{std::move(password)} {}

  // Takes a 401 or 438 response to a request that was sign()ed or not.
  Verdict challenge(const Message& error);
  // Adds user name, realm, nonce and integrity; nothing before the first challenge. FINGERPRINT may
  // follow.
  void sign(Builder& out) const;
  // How many bytes sign() adds at most.
  std::size_t room() const;
  // Responses to signed requests must be valid.
  Integrity check(const Message& response) const;

  bool challenged() const { return key_.has_value(); }
  const std::string& realm() const { return realm_; }

 private:
  std::string username_;
  std::string password_;
  std::string realm_;
  std::string nonce_;
  bool anonymous_ = false;                // RFC 8489 9.2: USERHASH in place of USERNAME
  std::vector<std::uint8_t> algorithms_;  // what the server offered, to be sent back as it was
  std::optional<PasswordAlgorithm> algorithm_;
  std::optional<Key> key_;
};

// RFC 8489 9.2: what a nonce says of its server, by the cookie it begins with.
struct SecurityFeatures {
  bool password_algorithms = false;
  bool username_anonymity = false;
};
SecurityFeatures security_features(std::string_view nonce);

}  // namespace lucid::stun
