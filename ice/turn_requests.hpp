#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ice/turn_link.hpp"
#include "stun/long_term.hpp"
#include "stun/transaction.hpp"

namespace lucid::ice {

// What is asked of a TURN server, kept so that it can be asked again under another nonce.
struct TurnRequest {
  stun::Method method = stun::Method::allocate;
  std::optional<core::Address> peer;   // CreatePermission, ChannelBind
  std::uint16_t channel = 0;           // ChannelBind
  std::optional<core::Family> family;  // Allocate: this family alone
  bool both_families = false;          // Allocate: IPv6 beside IPv4
  bool release = false;                // Refresh: the end of the allocation
  std::optional<stun::Transaction> transaction = {};
  bool is_signed = false;
  int tries = 0;
};

// The requests of one client that are under way (RFC 8656 5): signed with long-term credentials,
// repeated over UDP, asked again when the server wants credentials or a newer nonce.
class TurnRequests {
 public:
  TurnRequests(std::string username, std::string password, TurnLink& link)
      : username_{std::move(username)},
        password_{std::move(password)},
        credentials_{username_, password_},
        link_{link} {}

  struct Answer {
    TurnRequest request;
    std::optional<stun::ErrorCode> refused;  // none: success
    std::string reason;                      // what the server says of it
  };

  void send(TurnRequest request, core::Time now);
  // Sent once, for nobody waits for the answer: a release that is lost leaves the allocation to its
  // lifetime, ten minutes at most.
  void send_release(core::Time now);
  // None when the response was not one to a request of ours, was forged, or has been dealt with.
  std::optional<Answer> handle_response(const stun::Message& response, core::Time now);
  // Requests that nobody answered.
  std::vector<TurnRequest> handle_timeout(core::Time now);
  std::optional<core::Time> next_timeout() const;

  // The server has told us what to sign with.
  bool challenged() const { return credentials_.challenged(); }
  bool under_way(stun::Method method) const;
  // A new start, with another server or from another address.
  void reset();

 private:
  core::Buffer build(const TurnRequest& request) const;
  bool authentic(const TurnRequest& request, const stun::Message& response) const;

  std::string username_;
  std::string password_;
  stun::LongTerm credentials_;
  TurnLink& link_;
  std::vector<TurnRequest> requests_;
};

}  // namespace lucid::ice
