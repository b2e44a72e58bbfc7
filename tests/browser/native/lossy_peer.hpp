#pragma once
#include <optional>
#include <utility>

#include "core/random.hpp"
#include "peer/peer_connection.hpp"

namespace lucid::test {

// A PeerConnection behind a path that loses RTP and RTCP, both ways and by a seed. What sets the
// call up gets through: it is media that is tested with it.
class LossyPeer : public peer::PeerConnection {
 public:
  explicit LossyPeer(peer::PeerConnection&& pc) : PeerConnection{std::move(pc)} {}

  void lose(double share, std::uint64_t seed) {
    share_ = share;
    random_ = core::SeededRandom{seed};
  }
  std::uint64_t lost() const { return lost_; }

  void handle_datagram(Datagram datagram, core::Time now) {
    if (!loses(datagram)) PeerConnection::handle_datagram(std::move(datagram), now);
  }
  std::optional<Transmit> poll_transmit() {
    auto datagram = PeerConnection::poll_transmit();
    while (datagram && loses(*datagram)) datagram = PeerConnection::poll_transmit();
    return datagram;
  }

 private:
  // RFC 7983 7: 128 to 191 is RTP or RTCP.
  bool loses(const core::Datagram& datagram) {
    const auto bytes = core::Bytes{datagram.bytes};
    if (share_ <= 0 || bytes.empty() || bytes[0] < 128 || bytes[0] > 191) return false;
    const bool lost = random_.unit() < share_;
    if (lost) ++lost_;
    return lost;
  }

  double share_ = 0;
  core::SeededRandom random_{1};
  std::uint64_t lost_ = 0;
};

}  // namespace lucid::test
