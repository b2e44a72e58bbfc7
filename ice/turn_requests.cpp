#include "ice/turn_requests.hpp"

#include <algorithm>

#include "stun/builder.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using stun::AttributeType;
using stun::ErrorCode;
using stun::Method;

constexpr std::uint8_t protocol_udp = 17;
// Deviation from RFC 8656 18.11: coturn, to 4.6 at least, knows ADDITIONAL-ADDRESS-FAMILY by the
// number of a draft. Both are sent; a server ignores the one that it does not know.
constexpr AttributeType additional_address_family_of_coturn{0x8032};

// Deviation from RFC 8489 6.2.1: while candidates are gathered, sooner and less long, as for STUN
// servers: 0, 0.25, 0.75, 1.75, 3.75 s, given up after 5.75.
constexpr stun::Transaction::Schedule first_schedule{.rto = 250ms, .requests = 5, .last_wait = 8};
// Later there is time, and an allocation to lose: given up after 19.75 s.
constexpr stun::Transaction::Schedule later_schedule{.rto = 250ms, .requests = 7, .last_wait = 16};

// What a request holds beside its credentials: an address, some numbers.
constexpr std::size_t own_room = 128;

// Of one request: a challenge, and nonces that are stale by the time they arrive. A server that
// never accepts one gets no more.
constexpr int most_tries = 5;

}  // namespace

void TurnRequests::send(TurnRequest request, core::Time now) {
  ++request.tries;
  request.is_signed = credentials_.challenged();
  request.transaction.emplace(build(request),
                              link_.streamed() ? stun::Transaction::Reliability::stream
                                               : stun::Transaction::Reliability::datagram,
                              request.method == Method::allocate ? first_schedule : later_schedule,
                              now);
  link_.send(link_.context().pool.copy(request.transaction->request()), now);
  requests_.push_back(std::move(request));
}

core::Buffer TurnRequests::build(const TurnRequest& request) const {
  stun::Builder out{link_.context().pool, stun::Class::request, request.method,
                    stun::random_transaction(link_.context().random),
                    stun::header_size + own_room + credentials_.room()};
  if (request.method == Method::allocate) {
    // RFC 8656 7.1: relayed packets are UDP's, whatever leads to the server.
    out.requested_transport(protocol_udp);
    if (request.family) {
      out.address_family(AttributeType::requested_address_family, *request.family);
    } else if (request.both_families) {
      out.address_family(AttributeType::additional_address_family, core::Family::v6);
      out.address_family(additional_address_family_of_coturn, core::Family::v6);
    }
  }
  // RFC 8656 8: a lifetime of zero ends the allocation.
  if (request.release) out.u32(AttributeType::lifetime, 0);
  if (request.channel != 0) out.channel_number(request.channel);
  if (request.peer) out.address(AttributeType::xor_peer_address, *request.peer);
  credentials_.sign(out);
  return std::move(out).finish();
}

void TurnRequests::send_release(core::Time now) {
  link_.send(build({.method = Method::refresh, .release = true}), now);
}

bool TurnRequests::authentic(const TurnRequest& request, const stun::Message& response) const {
  if (!request.is_signed) return true;
  const stun::Integrity integrity = credentials_.check(response);
  if (integrity != stun::Integrity::absent) return integrity == stun::Integrity::valid;
  // Deviation from RFC 8489 9.2.5: a refusal without integrity counts, for servers leave it out
  // where they cannot or will not; dropping it would end as silence. It can do no more than refuse.
  const auto error = response.error();
  return error && error->code != ErrorCode::try_alternate;
}

std::optional<TurnRequests::Answer> TurnRequests::handle_response(const stun::Message& response,
                                                                  core::Time now) {
  const auto it = std::ranges::find_if(requests_, [&](const TurnRequest& request) {
    return request.method == response.method() && request.transaction->answered_by(response);
  });
  if (it == requests_.end()) return std::nullopt;
  // RFC 8489 6.3.3, 6.3.4: what is not understood is no answer.
  if (!response.understood() || !authentic(*it, response)) return std::nullopt;
  const bool refused = response.message_class() == stun::Class::error;
  const auto error = refused ? response.error() : std::nullopt;
  if (refused && !error) return std::nullopt;
  // RFC 8489 9.2.5: a challenge, or a nonce that is too old.
  if (error && it->tries < most_tries &&
      (error->code == ErrorCode::unauthenticated || error->code == ErrorCode::stale_nonce)) {
    const auto verdict = credentials_.challenge(response);
    if (verdict == stun::LongTerm::Verdict::malformed) return std::nullopt;
    if (verdict == stun::LongTerm::Verdict::retry) {
      TurnRequest again = std::move(*it);
      requests_.erase(it);
      send(std::move(again), now);
      return std::nullopt;
    }
  }
  Answer answer{std::move(*it), std::nullopt, {}};
  if (error) {
    answer.refused = error->code;
    answer.reason = error->reason;
  }
  requests_.erase(it);
  return answer;
}

std::vector<TurnRequest> TurnRequests::handle_timeout(core::Time now) {
  std::vector<TurnRequest> given_up;
  std::erase_if(requests_, [&](TurnRequest& request) {
    switch (request.transaction->handle_timeout(now)) {
      case stun::Transaction::Next::wait:
        return false;
      case stun::Transaction::Next::send:
        link_.send(link_.context().pool.copy(request.transaction->request()), now);
        return false;
      case stun::Transaction::Next::give_up:
        given_up.push_back(std::move(request));
        return true;
    }
    return false;
  });
  return given_up;
}

std::optional<core::Time> TurnRequests::next_timeout() const {
  std::optional<core::Time> next;
  for (const TurnRequest& request : requests_) {
    next = core::earliest(next, request.transaction->next_timeout());
  }
  return next;
}

bool TurnRequests::under_way(Method method) const {
  return std::ranges::find(requests_, method, &TurnRequest::method) != requests_.end();
}

void TurnRequests::reset() {
  requests_.clear();
  credentials_ = stun::LongTerm{username_, password_};
}

}  // namespace lucid::ice
