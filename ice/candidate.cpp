#include "ice/candidate.hpp"

namespace lucid::ice {

std::string_view to_string(CandidateType type) {
  switch (type) {
    case CandidateType::host:
      return "host";
    case CandidateType::server_reflexive:
      return "srflx";
    case CandidateType::peer_reflexive:
      return "prflx";
    case CandidateType::relayed:
      return "relay";
  }
  return "unknown";
}

std::optional<CandidateType> candidate_type(std::string_view name) {
  if (name == "host") return CandidateType::host;
  if (name == "srflx") return CandidateType::server_reflexive;
  if (name == "prflx") return CandidateType::peer_reflexive;
  if (name == "relay") return CandidateType::relayed;
  return std::nullopt;
}

std::string_view to_string(TcpType type) {
  switch (type) {
    case TcpType::active:
      return "active";
    case TcpType::passive:
      return "passive";
    case TcpType::simultaneous_open:
      return "so";
  }
  return "unknown";
}

std::optional<TcpType> tcp_type(std::string_view name) {
  if (name == "active") return TcpType::active;
  if (name == "passive") return TcpType::passive;
  if (name == "so") return TcpType::simultaneous_open;
  return std::nullopt;
}

std::uint8_t type_preference(CandidateType type, core::Transport transport) {
  // RFC 8445 5.1.2.2 recommends 126, 110, 100 and 0. RFC 6544 4.2: TCP comes behind UDP.
  const bool udp = transport == core::Transport::udp;
  switch (type) {
    case CandidateType::host:
      return udp ? 126 : 90;
    case CandidateType::peer_reflexive:
      return udp ? 110 : 80;
    case CandidateType::server_reflexive:
      return udp ? 100 : 70;
    case CandidateType::relayed:
      return 0;
  }
  return 0;
}

}  // namespace lucid::ice
