#pragma once
#include <optional>
#include <vector>

#include "core/time.hpp"
#include "peer/description.hpp"
#include "peer/error.hpp"
#include "peer/events.hpp"

namespace lucid::peer {

class PeerConnection;

// Who gives way when both sides offer at once. One of a pair must be polite, the other impolite.
enum class Politeness : std::uint8_t { impolite, polite };

// Perfect Negotiation (W3C webrtc-pc 10.7): feed it the connection's events and what the peer
// signals; it answers with what to signal to the peer. Either side may then change anything at any
// time.
//
//   while (auto event = connection.poll_event()) {
//     if (auto message = negotiator.on_event(*event, now)) signal(*message);
//     ...
//   }
//   on signal: if (auto answer = negotiator.on_description(description, now); answer && *answer)
//   signal(**answer);
class Negotiator {
 public:
  Negotiator(PeerConnection& connection, Politeness politeness)
      : connection_{connection}, politeness_{politeness} {}

  // NegotiationNeeded becomes an offer to be signalled; other events are none of its business.
  Result<std::optional<SessionDescription>> on_event(const Event& event, core::Time now);
  // A description from the peer; an offer becomes an answer to be signalled, or is ignored in
  // glare.
  Result<std::optional<SessionDescription>> on_description(const SessionDescription& description,
                                                           core::Time now);
  // A candidate from the peer; those of an ignored offer are dropped without an error.
  Result<void> on_candidate(const std::optional<IceCandidate>& candidate, core::Time now);

  bool ignoring_offer() const { return ignoring_offer_; }

 private:
  PeerConnection& connection_;
  Politeness politeness_;
  bool ignoring_offer_ = false;
};

}  // namespace lucid::peer
