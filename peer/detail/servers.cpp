#include "peer/detail/servers.hpp"

#include <charconv>

namespace lucid::peer {

std::string_view to_string(IceTransportPolicy policy) {
  switch (policy) {
    case IceTransportPolicy::all:
      return "all";
    case IceTransportPolicy::relay:
      return "relay";
  }
  return "unknown";
}

std::string_view to_string(BundlePolicy policy) {
  switch (policy) {
    case BundlePolicy::balanced:
      return "balanced";
    case BundlePolicy::max_compat:
      return "max-compat";
    case BundlePolicy::max_bundle:
      return "max-bundle";
  }
  return "unknown";
}

}  // namespace lucid::peer

namespace lucid::peer::detail {
namespace {

constexpr std::uint16_t plain_port = 3478;  // RFC 8656 5
constexpr std::uint16_t tls_port = 5349;

auto bad_url(std::string_view url, std::string_view why) {
  return refuse(ErrorName::syntax_error, "The ICE server URL \"" + std::string{url} + "\" " +
                                             std::string{why} +
                                             "; write stun:HOST[:PORT] or "
                                             "turn[s]:HOST[:PORT][?transport=udp|tcp].");
}

// Takes "HOST" or "HOST:PORT" or "[v6]:PORT" apart.
bool split_host(std::string_view text, ice::Server& server) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    server.host = std::string{text.substr(1, end - 1)};
    port = text.substr(end + 1);
    if (!core::Ip::parse(server.host) || (!port.empty() && !port.starts_with(':'))) return false;
    if (!port.empty()) port.remove_prefix(1);
    if (port.empty() && text.size() > end + 1) return false;
  } else {
    const auto colon = text.find(':');
    server.host = std::string{text.substr(0, colon)};
    if (colon != std::string_view::npos) {
      port = text.substr(colon + 1);
      if (port.empty()) return false;
    }
  }
  if (server.host.empty() || server.host.find_first_of("/@# ") != std::string::npos) return false;
  if (port.empty()) return true;
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), server.port);
  return error == std::errc{} && rest == port.data() + port.size() && server.port != 0;
}

}  // namespace

Result<ice::Server> parse_ice_url(std::string_view url) {
  ice::Server server;
  server.url = std::string{url};
  const auto colon = url.find(':');
  const std::string_view scheme = url.substr(0, colon);
  std::string_view rest = colon == std::string_view::npos ? "" : url.substr(colon + 1);
  const bool secure = scheme == "turns" || scheme == "stuns";
  if (scheme == "turn" || scheme == "turns") {
    server.kind = ice::Server::Kind::turn;
  } else if (scheme != "stun" && scheme != "stuns") {
    return bad_url(url, "has none of the schemes stun, turn and turns");
  }
  if (secure) {
    server.transport = core::Transport::tls;
    server.port = tls_port;
  } else {
    server.port = plain_port;
  }
  if (const auto query = rest.find('?'); query != std::string_view::npos) {
    const std::string_view parameter = rest.substr(query + 1);
    rest = rest.substr(0, query);
    if (server.kind != ice::Server::Kind::turn) return bad_url(url, "may have no query");
    if (parameter == "transport=tcp") {
      if (!secure) server.transport = core::Transport::tcp;
    } else if (parameter != "transport=udp") {
      return bad_url(url, "has a query that is not transport=udp or transport=tcp");
    }
  }
  if (!split_host(rest, server)) return bad_url(url, "has no valid host and port");
  return server;
}

Result<void> check_configuration(const Configuration& configuration) {
  for (const IceServer& each : configuration.ice_servers) {
    if (each.urls.empty()) {
      return refuse(ErrorName::syntax_error,
                    "An ICE server has no URL; give it one or leave it out.");
    }
    for (const std::string& url : each.urls) {
      const auto server = parse_ice_url(url);
      if (!server) return std::unexpected(server.error());
      if (server->kind != ice::Server::Kind::turn) continue;
      if (!each.username.empty() && !each.credential.empty()) continue;
      return refuse(ErrorName::invalid_access_error,
                    "The TURN server " + url + " needs a username and a credential.");
    }
  }
  return {};
}

ice::TransportPolicy ice_policy(const Configuration& configuration) {
  return configuration.ice_transport_policy == IceTransportPolicy::relay
             ? ice::TransportPolicy::relay
             : ice::TransportPolicy::all;
}

std::vector<ice::Server> ice_servers(const Configuration& configuration) {
  std::vector<ice::Server> servers;
  for (const IceServer& each : configuration.ice_servers) {
    for (const std::string& url : each.urls) {
      auto server = parse_ice_url(url);
      if (!server) continue;
      server->username = each.username;
      server->password = each.credential;
      servers.push_back(std::move(*server));
    }
  }
  return servers;
}

}  // namespace lucid::peer::detail
