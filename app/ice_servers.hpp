#pragma once
#include <string>

#include "app/serve_options.hpp"
#include "peer/configuration.hpp"

namespace lucid::app {

// The TURN servers for a client, with credentials that coturn (use-auth-secret) takes for a while:
// the time they end and a name, and the HMAC-SHA1 of that with the shared secret.
std::vector<peer::IceServer> ice_servers(const ServeOptions& options, std::int64_t unix_seconds,
                                         const std::string& name);
// {"iceServers":[...],"ttl":86400}, as a browser's configuration takes it.
std::string ice_servers_json(const std::vector<peer::IceServer>& servers, std::int64_t ttl);

}  // namespace lucid::app
