#include "peer/detail/state_summary.hpp"

#include <algorithm>
#include <initializer_list>

namespace lucid::peer::detail {
namespace {

using Transports = std::span<const TransportState>;
using Ice = ice::ConnectionState;

bool is_any_of(auto state, std::initializer_list<decltype(state)> list) {
  return std::ranges::find(list, state) != list.end();
}
bool any_ice(Transports all, std::initializer_list<Ice> list) {
  return std::ranges::any_of(all, [&](const auto& each) { return is_any_of(each.ice, list); });
}
bool all_ice(Transports all, std::initializer_list<Ice> list) {
  return std::ranges::all_of(all, [&](const auto& each) { return is_any_of(each.ice, list); });
}
bool any_dtls(Transports all, std::initializer_list<DtlsState> list) {
  return std::ranges::any_of(all, [&](const auto& each) { return is_any_of(each.dtls, list); });
}
bool all_dtls(Transports all, std::initializer_list<DtlsState> list) {
  return std::ranges::all_of(all, [&](const auto& each) { return is_any_of(each.dtls, list); });
}

}  // namespace

IceGatheringState summarise_gathering(Transports all) {
  using ice::GatheringState;
  const auto in = [&](GatheringState state) {
    return [state](const TransportState& each) { return each.gathering == state; };
  };
  if (std::ranges::any_of(all, in(GatheringState::gathering))) return IceGatheringState::gathering;
  if (!all.empty() && std::ranges::all_of(all, in(GatheringState::complete))) {
    return IceGatheringState::complete;
  }
  return IceGatheringState::new_;
}

IceConnectionState summarise_ice(Transports all) {
  if (any_ice(all, {Ice::failed})) return IceConnectionState::failed;
  if (any_ice(all, {Ice::disconnected})) return IceConnectionState::disconnected;
  if (all_ice(all, {Ice::idle, Ice::closed})) return IceConnectionState::new_;
  if (any_ice(all, {Ice::idle, Ice::checking})) return IceConnectionState::checking;
  if (all_ice(all, {Ice::completed, Ice::closed})) return IceConnectionState::completed;
  return IceConnectionState::connected;
}

ConnectionState summarise_connection(Transports all) {
  if (any_ice(all, {Ice::failed}) || any_dtls(all, {DtlsState::failed})) {
    return ConnectionState::failed;
  }
  if (any_ice(all, {Ice::disconnected})) return ConnectionState::disconnected;
  if (all_ice(all, {Ice::idle, Ice::closed}) &&
      all_dtls(all, {DtlsState::new_, DtlsState::closed})) {
    return ConnectionState::new_;
  }
  if (any_ice(all, {Ice::idle, Ice::checking}) ||
      any_dtls(all, {DtlsState::new_, DtlsState::connecting})) {
    return ConnectionState::connecting;
  }
  return ConnectionState::connected;
}

}  // namespace lucid::peer::detail
