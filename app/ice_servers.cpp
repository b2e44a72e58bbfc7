#include "app/ice_servers.hpp"

#include "app/json.hpp"
#include "signaling/detail/base64.hpp"
#include "stun/integrity.hpp"

namespace lucid::app {

std::vector<peer::IceServer> ice_servers(const ServeOptions& options, std::int64_t unix_seconds,
                                         const std::string& name) {
  std::vector<std::string> stun, turn;
  for (const std::string& url : options.turn_urls)
    (url.starts_with("stun") ? stun : turn).push_back(url);
  std::vector<peer::IceServer> servers;
  if (!stun.empty()) servers.push_back({.urls = stun});
  if (turn.empty()) return servers;
  const std::string user = std::to_string(unix_seconds + options.turn_ttl) + ":" + name;
  const auto mac = stun::Key::short_term(options.turn_secret).sha1(core::as_bytes(user), {});
  const std::string password =
      signaling::detail::to_base64({reinterpret_cast<const char*>(mac.data()), mac.size()});
  servers.push_back({.urls = turn, .username = user, .credential = password});
  return servers;
}

std::string ice_servers_json(const std::vector<peer::IceServer>& servers, std::int64_t ttl) {
  json list = json::array();
  for (const peer::IceServer& server : servers) {
    json entry{{"urls", server.urls}};
    if (!server.username.empty()) {
      entry["username"] = server.username;
      entry["credential"] = server.credential;
    }
    list.push_back(std::move(entry));
  }
  return dump({{"iceServers", list}, {"ttl", ttl}});
}

}  // namespace lucid::app
