#include "peer/detail/statistics.hpp"

#include "sctp/data_channels.hpp"

namespace lucid::peer::detail {
namespace {

// RFC 4648 4
std::string base64(core::Bytes bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? bytes[i + k] : 0U);
    }
    for (unsigned k = 0; k < 4; ++k) {
      const bool padding = i + k > bytes.size();
      text += padding ? '=' : digits[group >> (18 - 6 * k) & 63];
    }
  }
  return text;
}

std::string certificate_id(const dtls::Fingerprint& fingerprint) {
  return "CF" + fingerprint.digest_text();
}

void write_certificate(StatsWriter& writer, const dtls::Fingerprint& fingerprint, core::Bytes der) {
  Stats& stats = writer.add(certificate_id(fingerprint), "certificate");
  stats.members.emplace_back("fingerprint", fingerprint.digest_text());
  stats.members.emplace_back("fingerprintAlgorithm",
                             std::string{dtls::to_string(fingerprint.hash)});
  stats.members.emplace_back("base64Certificate", base64(der));
}

std::string candidate_id(std::string_view side, const TransportEntry& entry,
                         const ice::Candidate& candidate) {
  return std::string{side} + std::to_string(entry.id) + "_" +
         std::string{core::to_string(candidate.transport)} + "_" +
         (candidate.name.empty() ? candidate.address.text() : candidate.name) + "_" +
         std::string{ice::to_string(candidate.type)};
}

void write_candidate(StatsWriter& writer, std::string_view side, const TransportEntry& entry,
                     const ice::Candidate& candidate) {
  const bool local = side == "L";
  Stats& stats = writer.add(candidate_id(side, entry, candidate),
                            local ? "local-candidate" : "remote-candidate");
  auto& members = stats.members;
  members.emplace_back("transportId", transport_id(entry));
  members.emplace_back("address",
                       candidate.name.empty() ? candidate.address.ip.text() : candidate.name);
  members.emplace_back("port", std::uint64_t{candidate.address.port});
  members.emplace_back("protocol",
                       std::string{candidate.transport == core::Transport::udp ? "udp" : "tcp"});
  members.emplace_back("candidateType", std::string{ice::to_string(candidate.type)});
  members.emplace_back("priority", std::uint64_t{candidate.priority});
  members.emplace_back("foundation", candidate.foundation);
  const std::string& ufrag =
      local ? entry.transport.ice().local_credentials().ufrag : candidate.ufrag;
  if (!ufrag.empty()) members.emplace_back("usernameFragment", ufrag);
  if (candidate.related) {
    members.emplace_back("relatedAddress", candidate.related->ip.text());
    members.emplace_back("relatedPort", std::uint64_t{candidate.related->port});
  }
  if (candidate.tcp_type) {
    members.emplace_back("tcpType", std::string{ice::to_string(*candidate.tcp_type)});
  }
  if (local && candidate.type == ice::CandidateType::relayed) {
    members.emplace_back("relayProtocol", std::string{to_string(candidate.relay_transport)});
  }
  if (local && !candidate.url.empty()) members.emplace_back("url", candidate.url);
}

std::string_view w3c_state(ice::PairState state) {
  switch (state) {
    case ice::PairState::frozen:
      return "frozen";
    case ice::PairState::waiting:
      return "waiting";
    case ice::PairState::in_progress:
      return "in-progress";
    case ice::PairState::succeeded:
      return "succeeded";
    case ice::PairState::failed:
      return "failed";
  }
  return "failed";
}

std::string pair_id(const TransportEntry& entry, const ice::PairStats& pair) {
  return "CP" + std::to_string(entry.id) + "_" + std::to_string(pair.id);
}

void write_pair(StatsWriter& writer, const TransportEntry& entry, const ice::PairStats& pair) {
  auto& members = writer.add(pair_id(entry, pair), "candidate-pair").members;
  members.emplace_back("transportId", transport_id(entry));
  members.emplace_back("localCandidateId", candidate_id("L", entry, pair.local));
  members.emplace_back("remoteCandidateId", candidate_id("R", entry, pair.remote));
  members.emplace_back("state", std::string{w3c_state(pair.state)});
  members.emplace_back("nominated", pair.nominated);
  members.emplace_back("packetsSent", pair.packets_sent);
  members.emplace_back("packetsReceived", pair.packets_received);
  members.emplace_back("bytesSent", pair.bytes_sent);
  members.emplace_back("bytesReceived", pair.bytes_received);
  if (pair.last_sent) members.emplace_back("lastPacketSentTimestamp", writer.at(*pair.last_sent));
  if (pair.last_received) {
    members.emplace_back("lastPacketReceivedTimestamp", writer.at(*pair.last_received));
  }
  members.emplace_back("totalRoundTripTime", seconds(pair.total_round_trip));
  if (pair.current_round_trip) {
    members.emplace_back("currentRoundTripTime", seconds(*pair.current_round_trip));
  }
  members.emplace_back("requestsSent", pair.requests_sent);
  members.emplace_back("requestsReceived", pair.requests_received);
  members.emplace_back("responsesSent", pair.responses_sent);
  members.emplace_back("responsesReceived", pair.responses_received);
  members.emplace_back("consentRequestsSent", pair.consent_requests_sent);
}

std::string_view dtls_role(const Transport& transport) {
  const auto role = transport.dtls_role();
  if (!role) return "unknown";
  return *role == dtls::Role::client ? "client" : "server";
}

void write_channels(StatsWriter& writer, const Connection& connection) {
  if (!connection.channels) return;
  for (const std::uint32_t key : connection.channel_keys) {
    const sctp::Channel* channel = connection.channels->find(sctp::ChannelId{key});
    if (channel == nullptr) continue;
    auto& members = writer.add("D" + std::to_string(key), "data-channel").members;
    members.emplace_back("label", channel->options.label);
    members.emplace_back("protocol", channel->options.protocol);
    if (channel->stream)
      members.emplace_back("dataChannelIdentifier", std::uint64_t{*channel->stream});
    members.emplace_back("state", std::string{sctp::to_string(channel->state)});
    members.emplace_back("messagesSent", channel->messages_sent);
    members.emplace_back("bytesSent", channel->bytes_sent);
    members.emplace_back("messagesReceived", channel->messages_received);
    members.emplace_back("bytesReceived", channel->bytes_received);
  }
}

}  // namespace

void write_transport_stats(StatsWriter& writer, const Connection& connection,
                           const TransportEntry& entry) {
  const Transport& transport = entry.transport;
  const auto pairs = transport.ice().pairs();
  auto& members = writer.add(transport_id(entry), "transport").members;
  members.emplace_back("packetsSent", transport.stats().datagrams_sent);
  members.emplace_back("packetsReceived", transport.stats().datagrams_received);
  members.emplace_back("bytesSent", transport.stats().bytes_sent);
  members.emplace_back("bytesReceived", transport.stats().bytes_received);
  members.emplace_back("iceRole", std::string{ice::to_string(transport.ice().role())});
  members.emplace_back("iceLocalUsernameFragment", transport.ice().local_credentials().ufrag);
  members.emplace_back("iceState", std::string{ice::to_string(transport.ice().connection_state())});
  members.emplace_back("dtlsState", std::string{to_string(transport.dtls_state())});
  members.emplace_back("dtlsRole", std::string{dtls_role(transport)});
  members.emplace_back("selectedCandidatePairChanges", transport.stats().selections);
  for (const ice::PairStats& pair : pairs) {
    if (pair.selected) members.emplace_back("selectedCandidatePairId", pair_id(entry, pair));
  }
  const dtls::Certificate& own = connection.configuration.certificates.front();
  members.emplace_back("localCertificateId", certificate_id(own.fingerprint()));
  if (transport.secured()) {
    const auto remote = dtls::Fingerprint::of(dtls::Hash::sha256, transport.remote_certificate());
    members.emplace_back("remoteCertificateId", certificate_id(remote));
    members.emplace_back("tlsVersion", std::string{"FEFD"});
    members.emplace_back("dtlsCipher", transport.cipher_suite());
    if (const auto profile = transport.srtp_profile()) {
      members.emplace_back("srtpCipher", std::string{srtp::to_string(*profile)});
    }
    write_certificate(writer, remote, transport.remote_certificate());
  }
  for (const ice::PairStats& pair : pairs) write_pair(writer, entry, pair);
  for (const auto& each : transport.ice().local_candidates()) {
    write_candidate(writer, "L", entry, each);
  }
  for (const auto& each : transport.ice().remote_candidates()) {
    write_candidate(writer, "R", entry, each);
  }
}

StatsReport write_stats(const Connection& connection, core::Time now) {
  StatsWriter writer{connection.configuration.wall_clock, now};
  {
    auto& members = writer.add("P", "peer-connection").members;
    const auto* channels = connection.channels ? &connection.channels->stats() : nullptr;
    members.emplace_back("dataChannelsOpened",
                         channels ? channels->channels_opened : std::uint64_t{0});
    members.emplace_back("dataChannelsClosed",
                         channels ? channels->channels_closed : std::uint64_t{0});
  }
  const dtls::Certificate& own = connection.configuration.certificates.front();
  write_certificate(writer, own.fingerprint(), own.der());
  for (const auto& entry : connection.transports.entries()) {
    if (entry->pooled) continue;
    write_transport_stats(writer, connection, *entry);
    if (entry->media) write_media_stats(writer, connection, *entry);
  }
  write_channels(writer, connection);
  return writer.take();
}

}  // namespace lucid::peer::detail
