#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "peer/detail/media_plan.hpp"
#include "rtp/packet.hpp"

namespace lucid::peer::detail {

// To whom a packet of a bundle goes (RFC 9143 9.2): the MID that it carries decides, then its SSRC,
// then its payload type where only one section uses that.
class MediaRouter {
 public:
  struct Route {
    TransceiverId id{};
    std::string rid;                       // which encoding, where packets tell (RFC 8852 3.1)
    bool repair = false;                   // an RTX packet
    std::optional<std::uint32_t> repairs;  // of this SSRC, where it is known
  };

  void set_plans(const std::vector<MediaPlan>& plans);
  // Nullopt: nobody's.
  std::optional<Route> route(const rtp::Packet& packet);

 private:
  struct Section {
    TransceiverId id{};
    std::string mid;
    MediaPlan::Receiving receiving;
  };
  struct Known {
    std::size_t section = 0;
    std::string rid;
    std::optional<std::uint32_t> repairs;
    bool signalled = false;  // by a description, not learned from packets
  };
  std::optional<std::size_t> section_of(const rtp::Packet& packet) const;
  bool may_learn_another() const;
  void learn(const rtp::Packet& packet, std::size_t section, Known& known) const;

  // Each source has a stream, with room for the packets of seconds: whoever makes up SSRCs must not
  // have many.
  static constexpr std::size_t most_unsignalled = 128;

  std::vector<Section> sections_;
  std::vector<rtp::ExtensionMap> mid_maps_;  // one of each id that a MID may have: mostly one
  std::unordered_map<std::uint32_t, Known> sources_;
};

}  // namespace lucid::peer::detail
