#pragma once
#include <vector>

#include "ice/config.hpp"
#include "peer/configuration.hpp"
#include "peer/error.hpp"

namespace lucid::peer::detail {

// RFC 7064 3.1 and RFC 7065 3.1: one URL of an RTCIceServer; SyntaxError for what is none.
Result<ice::Server> parse_ice_url(std::string_view url);

// What a browser's constructor would throw: bad URLs, TURN without credentials.
Result<void> check_configuration(const Configuration& configuration);
// All servers of a configuration that has been checked.
std::vector<ice::Server> ice_servers(const Configuration& configuration);
ice::TransportPolicy ice_policy(const Configuration& configuration);

}  // namespace lucid::peer::detail
