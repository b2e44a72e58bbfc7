#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/gate.hpp"
#include "glass/options.hpp"
#include "signaling/server.hpp"

namespace lucid::app {

struct ServeOptions {
  std::uint16_t port = 8080;
  std::string host = "0.0.0.0";
  // Ports of one dialect each, beside the common one.
  std::optional<std::uint16_t> chat_port, broadcast_port, socket_io_port;
  bool tls = false;
  std::string certificate, key;  // files; without them one is made
  bool robot = false;
  std::string video = "test";
  std::string audio = "tone";
  Gate::Options gate;
  signaling::Limits limits;
  std::string bus;  // redis://HOST
  std::vector<std::string> turn_urls;
  std::string turn_secret;
  std::int64_t turn_ttl = 86'400;  // seconds
  glass::Options watching;
};

}  // namespace lucid::app
