#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sdp/codec.hpp"
#include "sdp/rtp.hpp"
#include "sdp/transport.hpp"

// The arithmetic of offer and answer: pure functions from values to values, for whoever builds
// descriptions (peer/ does).
namespace lucid::sdp {

// RFC 3264 6.1: the same streams seen from the other side; what both allow.
Direction reverse(Direction direction);
Direction intersect(Direction a, Direction b);
constexpr bool sends(Direction d) { return (static_cast<unsigned>(d) & 2) != 0; }
constexpr bool receives(Direction d) { return (static_cast<unsigned>(d) & 1) != 0; }
constexpr Direction make_direction(bool send, bool receive) {
  return static_cast<Direction>((send ? 2U : 0U) | (receive ? 1U : 0U));
}

// RFC 8842 5.3, RFC 9429 5.3.1: the answer to an offered role; active where there is a choice.
Role answer_role(Role offered, Role preferred = Role::active);

// A codec that both sides know: what we receive has our payload type, what we send theirs (RFC
// 3264 5.1).
struct NegotiatedCodec {
  Codec codec;  // parameters as they bind the sender of media to the other side; feedback of both
  std::uint8_t receive_payload_type = 0;
  std::uint8_t send_payload_type = 0;
  friend bool operator==(const NegotiatedCodec&, const NegotiatedCodec&) = default;
};
// Local codecs against those of the remote description, in the remote order of preference.
std::vector<NegotiatedCodec> negotiate(std::span<const Codec> local, std::span<const Codec> remote);
// The codecs of an answer: of `supported` (in order of preference; payload types do not matter),
// those that were offered, with the offer's payload types (RFC 3264 6.1), our parameters, and H.264
// levels by RFC 6184 8.2.2. Order::offer keeps the offer's order, Order::own that of `supported`
// (RFC 9429 5.3.1).
enum class Order : std::uint8_t { offer, own };
std::vector<Codec> answer_codecs(std::span<const Codec> supported, std::span<const Codec> offered,
                                 Order order = Order::offer);

// RFC 8285 7: of the offered extensions those whose uri we know, with the offer's ids and the
// reversed direction. Each uri and each id once.
std::vector<Extmap> answer_extmaps(std::span<const std::string> known_uris,
                                   std::span<const Extmap> offered, std::uint16_t max_id = 255);
inline constexpr std::uint16_t max_one_byte_extension_id = 14;  // RFC 8285 4.2

// RFC 8853 5.3.2: send and recv change places; what we do not do or know is dropped.
Rid reverse(const Rid& rid);
Simulcast reverse(const Simulcast& simulcast);
// The answer to an offered simulcast: streams reversed, of which only rids in `rids` stay.
std::optional<Simulcast> answer_simulcast(const Simulcast& offered, std::span<const Rid> rids);

// The dynamic payload types in the order in which they are given out: 96 to 127, then 35 to 63 (RFC
// 5761 4 keeps 64 to 95 free for RTCP, RFC 3551 has those below). Of the upper ones first those
// that Firefox does not use: it gives the sections that it adds its usual numbers, whatever these
// mean in the sections that the peer has offered.
std::span<const std::uint8_t> dynamic_payload_types();

// Hands out payload types: a codec keeps what it once had (RFC 3264 8.3.2), others get the next
// dynamic number that is free.
class PayloadTypes {
 public:
  // Takes over the mapping of a section of a description of either side.
  void learn(std::span<const Codec> codecs);
  // Numbers these codecs; rtx and red follow the codecs they refer to (apt, "111/111") in `codecs`.
  // Returns false when the numbers have run out.
  [[nodiscard]] bool assign(std::vector<Codec>& codecs);

 private:
  std::vector<Codec> taken_;
};

// Hands out header-extension ids: a uri keeps its id within a bundle; 1 to 14, then 16 to 255 where
// the peer takes them.
class ExtensionIds {
 public:
  void learn(std::span<const Extmap> extmaps);
  std::optional<std::uint16_t> assign(std::string_view uri,
                                      std::uint16_t max_id = max_one_byte_extension_id);

 private:
  std::vector<Extmap> taken_;
};

// RFC 9143 7.3: of each offered BUNDLE group what was accepted, in the offer's order; empty groups
// fall away.
std::vector<Group> answer_bundle(const Session& offer, std::span<const std::string> accepted_mids);
std::vector<Group> bundle_groups(const Session& session);
// The BUNDLE groups of a description, by mid. Borrows the description. A mid counts for the first
// group that names it.
class Bundles {
 public:
  explicit Bundles(const Session& session);
  std::optional<std::size_t> group_of(const std::string& mid) const;
  // RFC 9143 7.1.3: where the transport of a section is described: in itself, or, when it is
  // bundled and says nothing of its own of ICE and DTLS, in the first section of its group that
  // lives. Never null.
  const MediaSection* transport_of(const MediaSection& section) const;

 private:
  std::unordered_map<std::string, std::size_t> groups_;
  std::vector<const MediaSection*> tagged_;  // of each group, the section that has its transport
};

}  // namespace lucid::sdp
