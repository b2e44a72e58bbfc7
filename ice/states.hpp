#pragma once
#include <cstdint>
#include <string_view>

namespace lucid::ice {

// W3C RTCIceGatheringState; `idle` is its "new".
enum class GatheringState : std::uint8_t { idle, gathering, complete };
std::string_view to_string(GatheringState state);

// W3C RTCIceTransportState; `idle` is its "new".
//
//   idle ---> checking ---> connected <---> completed
//                |  ^          |  ^            |
//                |  |          v  |            |
//                |  +----- disconnected <------+        failed --restart()--> checking
//                +------------> failed <-- disconnected
enum class ConnectionState : std::uint8_t {
  idle,
  checking,
  connected,
  completed,
  disconnected,
  failed,
  closed,
};
std::string_view to_string(ConnectionState state);

}  // namespace lucid::ice
