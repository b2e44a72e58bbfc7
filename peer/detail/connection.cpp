#include "peer/detail/connection.hpp"

#include <algorithm>

#include "peer/detail/servers.hpp"

namespace lucid::peer::detail {
namespace {

sdp::Fingerprint sdp_fingerprint(const dtls::Certificate& certificate) {
  const dtls::Fingerprint fingerprint = certificate.fingerprint();
  return {std::string{dtls::to_string(fingerprint.hash)}, fingerprint.digest};
}

}  // namespace

Connection::Connection(Configuration with, core::Context in, core::Time now)
    : configuration{std::move(with)}, context{in}, tracer{in.tracer("peer")}, created{now} {
  // RFC 8122 5: the certificate that DTLS will show.
  fingerprints.push_back(sdp_fingerprint(configuration.certificates.front()));
  tie_breaker = context.random.u64();
  // RFC 9429 5.2.1: 63 bits of randomness name the session.
  model.origin.session_id = std::to_string(context.random.u64() >> 1);
  model.origin.session_version = 1;
  model.cname = context.random.text(16);
  fill_pool(now);
}

// W3C 4.4.1.6: what may change after construction, and from when it holds.
Result<void> Connection::reconfigure(Configuration next, core::Time now) {
  const auto refuse_change = [](std::string_view what) {
    return refuse(ErrorName::invalid_modification_error,
                  std::string{what} + " cannot change after construction; make a new connection.");
  };
  const auto same_certificate = [](const dtls::Certificate& a, const dtls::Certificate& b) {
    return core::equal(a.der(), b.der());
  };
  if (!next.certificates.empty() &&
      !std::ranges::equal(next.certificates, configuration.certificates, same_certificate)) {
    return refuse_change("The certificates");
  }
  if (next.bundle_policy != configuration.bundle_policy) return refuse_change("bundle_policy");
  if (model.local() != nullptr &&
      next.ice_candidate_pool_size != configuration.ice_candidate_pool_size) {
    return refuse_change("ice_candidate_pool_size");
  }
  next.certificates = configuration.certificates;
  const bool other_sources = ice_servers(next) != ice_servers(configuration) ||
                             ice_policy(next) != ice_policy(configuration);
  const bool other_pool = next.ice_candidate_pool_size != configuration.ice_candidate_pool_size;
  configuration = std::move(next);
  tracer.event(now, "reconfigured");
  // RFC 9429 4.1.18: after the first local description the pool stays as it is.
  if ((other_pool || other_sources) && model.local() == nullptr) fill_pool(now);
  if (!other_sources) return {};
  for (const auto& entry : transports.entries()) {
    if (entry->pooled) continue;
    ice::Agent& ice = entry->transport.ice();
    ice.set_servers(ice_servers(configuration), ice_policy(configuration), now);
    // RFC 9429 5.2.2: the next offer restarts ICE, whenever it is made.
    model.outdated_ufrags.push_back(ice.local_credentials().ufrag);
  }
  return {};
}

// W3C 4.4.2 restartIce: the next offer gets new credentials, whatever else happens before.
void Connection::restart_ice() {
  if (closed()) return;
  for (const auto& entry : transports.entries()) {
    if (entry->pooled) continue;
    model.ufrags_to_replace.push_back(entry->transport.ice().local_credentials().ufrag);
  }
  update_negotiation_needed();
}

Result<SessionDescription> Connection::last_or_new_offer() {
  if (model.last_offer.sdp.empty()) return create_offer({});
  return SessionDescription{SdpType::offer, model.last_offer.sdp};
}

Result<SessionDescription> Connection::last_or_new_answer() {
  if (model.last_answer.sdp.empty()) return create_answer();
  return SessionDescription{SdpType::answer, model.last_answer.sdp};
}

}  // namespace lucid::peer::detail
