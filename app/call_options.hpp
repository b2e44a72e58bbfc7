#pragma once
#include <optional>
#include <string>
#include <vector>

#include "glass/options.hpp"
#include "net/tls.hpp"
#include "peer/configuration.hpp"
#include "signaling/client/events.hpp"

namespace lucid::app {

enum class View : std::uint8_t { none, terminal, window };
enum class Trickle : std::uint8_t { yes, no };

// What one call is made with.
struct CallConfig {
  std::vector<peer::IceServer> ice_servers;
  peer::IceTransportPolicy policy = peer::IceTransportPolicy::all;
  Trickle trickle = Trickle::yes;
  peer::BundlePolicy bundle_policy = peer::BundlePolicy::balanced;
  bool loopback = false;  // offer 127.0.0.1 and ::1 as well
  std::string codec;      // the name of the video codec to prefer; empty: no preference
  std::string download;   // a folder for files that are sent to us; empty: they are refused
  std::string record;
  std::string snapshot;
  bool keeps_picture = false;  // the latest, for whoever wants to show it
  core::trace::Sink* sink = nullptr;
};

// The options of `lucid call`.
struct CallOptions {
  std::string server;
  std::string dialect = "chat";
  std::string name;
  std::string to;
  std::string room;
  std::optional<bool> answer_unasked;  // --answer auto|ask
  bool enveloped = false;
  std::optional<signaling::client::Manners> manners;
  std::string video = "test";
  std::string audio = "tone";
  std::string send;   // --data
  std::string first;  // a command to begin with
  bool once = false;  // leave when the first call is over
  double seconds = 0;
  double stats_every = 0;
  bool json = false;
  std::optional<net::TlsContext> tls;  // --ca
  View view = View::none;
  CallConfig call;
  glass::Options glass;
};

}  // namespace lucid::app
