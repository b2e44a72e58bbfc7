#include <algorithm>

#include "peer/detail/candidates.hpp"
#include "peer/detail/connection.hpp"
#include "peer/detail/servers.hpp"
#include "sdp/negotiate.hpp"

// What descriptions say of transports, brought to the transports (RFC 9429 5.9 to 5.11).
namespace lucid::peer::detail {
namespace {

const std::string* tag_of(std::span<const sdp::Group> groups, const std::string& mid) {
  for (const sdp::Group& group : groups) {
    if (std::ranges::find(group.mids, mid) != group.mids.end()) return &group.mids.front();
  }
  return nullptr;
}

std::vector<dtls::Fingerprint> fingerprints_of(const sdp::Session& session,
                                               const sdp::MediaSection& section) {
  std::vector<dtls::Fingerprint> result;
  for (const sdp::Fingerprint& each : session.effective_all<sdp::Fingerprint>(section)) {
    if (const auto hash = dtls::hash_from_name(each.hash)) result.push_back({*hash, each.bytes});
  }
  return result;
}

bool carries_media(const TransportEntry& entry, const sdp::Session& session) {
  return std::ranges::any_of(entry.mids, [&](const std::string& mid) {
    const sdp::MediaSection* section = session.find_mid(mid);
    return section != nullptr && section->is_rtp() && !section->is_rejected();
  });
}

// The section of the description that speaks for this transport: one that says credentials.
const sdp::MediaSection* spokesman(const TransportEntry& entry, const sdp::Session& session) {
  const sdp::MediaSection* fallback = nullptr;
  for (const std::string& mid : entry.mids) {
    const sdp::MediaSection* section = session.find_mid(mid);
    if (section == nullptr || section->is_rejected()) continue;
    const bool says = session.effective<sdp::IceUfrag>(*section).has_value();
    if (says && !section->has("bundle-only")) return section;
    if (says && fallback == nullptr) fallback = section;
  }
  return fallback;
}

}  // namespace

Transport::Config Connection::transport_config(ice::Role role, ice::Credentials credentials) const {
  ice::Config ice;
  ice.role = role;
  ice.servers = ice_servers(configuration);
  ice.transport_policy = ice_policy(configuration);
  ice.loopback = configuration.gather_loopback;
  ice.tcp = configuration.gather_tcp;
  ice.host_names = configuration.host_names;
  ice.tie_breaker = tie_breaker;
  ice.credentials = std::move(credentials);
  return {
      std::move(ice),
      {.certificate = configuration.certificates.front(), .wall_clock = configuration.wall_clock}};
}

TransportEntry& Connection::add_transport(std::string mid, ice::Role role,
                                          ice::Credentials credentials, core::Time now) {
  return transports.add(std::move(mid), transport_config(role, std::move(credentials)), context,
                        now);
}

// Each section of ours that says credentials has a transport, which gathers; new credentials on an
// old transport restart it.
void Connection::carry_local(const sdp::Session& local, ice::Role role, core::Time now) {
  const bool offer = role == ice::Role::controlling;
  const bool joins = std::ranges::any_of(transports.entries(), [&](const auto& entry) {
    return model.current_remote && bundles(model.current_remote->session, entry->mids);
  });
  for (const sdp::MediaSection& section : local.media) {
    const auto ufrag = local.effective<sdp::IceUfrag>(section);
    const auto pwd = local.effective<sdp::IcePwd>(section);
    if (!ufrag || !pwd || section.is_rejected()) continue;
    const std::string& mid = section.mid();
    const bool known = std::ranges::any_of(transports.entries(), [&](const auto& entry) {
      return !entry->pooled && entry->transport.ice().local_credentials().ufrag == ufrag->text;
    });
    TransportEntry* entry = transports.serving(mid);
    // Bundled onto one that is there, by this answer, or as the peer has already bundled others.
    if (entry == nullptr && known && (!offer || joins)) continue;
    if (entry == nullptr) {
      entry = take_from_pool(mid, role, {ufrag->text, pwd->text}, now);
      if (entry == nullptr) entry = &add_transport(mid, role, {ufrag->text, pwd->text}, now);
      entry->provisional = offer;
    } else if (entry->transport.ice().local_credentials().ufrag != ufrag->text) {
      // RFC 8445 9: a restart.
      entry->transport.ice().restart({ufrag->text, pwd->text}, now);
      entry->candidates.clear();
      entry->gathered = false;
      entry->restarting = offer;
      tracer.event(now, "ice_restart", {{"mid", std::string_view{mid}}});
    }
    entry->transport.ice().gather(now);
  }
}

// RFC 9143 7.3.3: what the answer bundles goes to the transport of the first of the group; sections
// that it refuses or leaves out of the group keep to themselves or go.
void Connection::join_bundles(const sdp::Session& answer) {
  const auto groups = sdp::bundle_groups(answer);
  for (const auto& entry : transports.entries()) {
    std::erase_if(entry->mids, [&](const std::string& mid) {
      const sdp::MediaSection* section = answer.find_mid(mid);
      return section == nullptr || section->is_rejected();
    });
  }
  for (const sdp::Group& group : groups) {
    TransportEntry* carrier = nullptr;
    for (const std::string& mid : group.mids) {
      if (carrier == nullptr) carrier = transports.serving(mid);
    }
    if (carrier == nullptr) continue;
    for (const std::string& mid : group.mids) {
      for (const auto& entry : transports.entries()) {
        if (entry.get() != carrier) std::erase(entry->mids, mid);
      }
      if (!carrier->serves(mid)) carrier->mids.push_back(mid);
    }
  }
  for (const auto& entry : transports.entries()) {
    entry->provisional = false;
    entry->restarting = false;
  }
}

// RFC 8842 4: another certificate would be another association, with other channels and keys.
Result<void> Connection::check_associations(const sdp::Session& remote) const {
  for (const auto& entry : transports.entries()) {
    const auto& known = entry->transport.remote();
    const sdp::MediaSection* section = known ? spokesman(*entry, remote) : nullptr;
    if (section == nullptr) continue;
    if (std::ranges::is_permutation(known->fingerprints, fingerprints_of(remote, *section)))
      continue;
    const sdp::Line* line = section->find_line(sdp::Fingerprint::key);
    if (line == nullptr) line = remote.head.find_line(sdp::Fingerprint::key);
    return std::unexpected(error_of(
        ErrorName::invalid_access_error,
        {sdp::Rule::transport_changed, line == nullptr ? 0 : line->number, 1,
         "the certificate is another one, and a connection keeps the first: make a new connection",
         sdp::Severity::error}));
  }
  return {};
}

void Connection::carry_remote(const sdp::Session& remote, const sdp::Session& answer, Side answerer,
                              core::Time now) {
  const auto groups = sdp::bundle_groups(answer);
  for (const auto& entry : transports.entries()) {
    const sdp::MediaSection* section = spokesman(*entry, remote);
    if (section == nullptr) continue;
    const std::string* tag = tag_of(groups, section->mid());
    const sdp::MediaSection* answered = answer.find_mid(tag == nullptr ? section->mid() : *tag);
    ice::Agent& ice = entry->transport.ice();
    if (remote.head.has("ice-lite")) ice.set_remote_mode(ice::Mode::lite, now);
    const auto ufrag = remote.effective<sdp::IceUfrag>(*section);
    const auto pwd = remote.effective<sdp::IcePwd>(*section);
    if (ufrag && pwd) ice.set_remote_credentials({ufrag->text, pwd->text}, now);
    // RFC 8842 5.3: the answer settles who begins.
    const auto setup = answered == nullptr ? std::nullopt : answer.effective<sdp::Setup>(*answered);
    const bool answerer_active = !setup || setup->role == sdp::Role::active;
    const bool we_begin = answerer_active == (answerer == Side::local);
    if (!entry->role) entry->role = we_begin ? sdp::Role::active : sdp::Role::passive;
    Transport::Remote end;
    end.fingerprints = fingerprints_of(remote, *section);
    end.our_role = *entry->role == sdp::Role::active ? dtls::Role::client : dtls::Role::server;
    end.srtp = carries_media(*entry, answer) ? dtls::SrtpUse::required : dtls::SrtpUse::optional;
    entry->transport.set_remote(std::move(end), now);
  }
  give_candidates(remote, now);
}

void Connection::carry_rollback(core::Time now) {
  for (const auto& entry : transports.entries()) {
    if (!std::exchange(entry->restarting, false)) continue;
    entry->transport.ice().cancel_restart(now);
    entry->candidates.clear();
    for (const ice::Candidate& each : entry->transport.ice().local_candidates()) {
      entry->candidates.push_back(to_sdp(each, entry->transport.ice().local_credentials().ufrag));
    }
    entry->gathered = entry->transport.ice().gathering_state() == ice::GatheringState::complete;
  }
  transports.remove_provisional(now);
}

// RFC 8841: both sections of data accepted, the association begins with DTLS.
void Connection::start_data(const sdp::Session& local, const sdp::Session& remote, core::Time now) {
  for (const sdp::MediaSection& section : local.media) {
    if (!section.is_data() || section.is_rejected()) continue;
    const sdp::MediaSection* theirs = remote.find_mid(section.mid());
    TransportEntry* entry = transports.serving(section.mid());
    if (theirs == nullptr || theirs->is_rejected() || entry == nullptr) continue;
    // A provisional answer may bundle what rides on transports of its own until the final one; it
    // does not say then who begins.
    if (!entry->role) return;
    if (!channels) open_data();
    const auto legacy = theirs->find<sdp::Sctpmap>();
    sctp::DataChannels::Remote end;
    end.port = theirs->find<sdp::SctpPort>()
                   .value_or(sdp::SctpPort{legacy ? legacy->port : end.port})
                   .port;
    if (const auto size = theirs->find<sdp::MaxMessageSize>()) {
      end.max_message_size = static_cast<std::size_t>(size->bytes);
    }
    channels->set_remote(end);
    channels->set_role(*entry->role == sdp::Role::active ? sctp::Role::client : sctp::Role::server,
                       now);
    if (entry->transport.secured()) connect_data(now);
    return;
  }
  // No section has it, though there was one for it. A provisional answer decides nothing yet.
  const bool refused = std::ranges::any_of(local.media, &sdp::MediaSection::is_data);
  if (refused && channels && model.signaling == SignalingState::stable) channels->close(now);
}

}  // namespace lucid::peer::detail
