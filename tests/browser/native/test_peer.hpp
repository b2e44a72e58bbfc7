#pragma once
#include <map>
#include <memory>
#include <string>

#include "net/driver.hpp"
#include "net/loop.hpp"
#include "peer/negotiator.hpp"
#include "tests/browser/native/lossy_peer.hpp"
#include "tests/browser/native/report.hpp"
#include "tests/browser/native/tracks.hpp"

namespace lucid::test {

// A PeerConnection that a test drives: it does what a line says, `{"do":"create_channel",...}`, and
// answers `{"reply":ID,...}`; descriptions and candidates go in and out as a browser writes them,
// everything that happens comes out as `{"event":...}`. It negotiates by itself (peer::Negotiator).
class TestPeer {
 public:
  static std::unique_ptr<TestPeer> create(net::Loop& loop, const json& options,
                                          core::trace::Sink* sink);

  void take(const json& line);
  void close();

 private:
  TestPeer(net::Loop& loop, const json& options, peer::PeerConnection pc);

  void handle(peer::Event event, core::Time now);
  void echo(const peer::events::ChannelMessage& message, core::Time now);
  void signal(const peer::Result<std::optional<peer::SessionDescription>>& message);
  json perform(const std::string& verb, const json& line, core::Time now);
  json perform_on_channel(const std::string& verb, const json& line, core::Time now);
  json perform_on_track(const std::string& verb, const json& line, core::Time now);
  json add(const json& line);
  std::string label_of(std::uint32_t key) const;
  void flood(core::Time now);
  peer::Transceiver transceiver(const json& line) const;

  struct Flood {
    std::string label;
    std::size_t left = 0;
    std::size_t piece = 0;
    std::size_t pauses = 0;
  };

  net::Loop& loop_;
  LossyPeer pc_;
  peer::Negotiator negotiator_;
  bool trickle_;
  bool offers_;  // by itself, when negotiation is needed
  bool echo_ = true;
  bool description_waits_ = false;
  std::map<std::string, peer::DataChannel> channels_;
  std::optional<Flood> flood_;
  net::Driver<LossyPeer> driver_;
  std::unique_ptr<Tracks> tracks_;
};

}  // namespace lucid::test
