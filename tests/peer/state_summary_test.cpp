#include "peer/detail/state_summary.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lucid::peer::detail {
namespace {

using Ice = ice::ConnectionState;
using Gathering = ice::GatheringState;

TransportState with(Ice ice, DtlsState dtls = DtlsState::connected) {
  return {Gathering::complete, ice, dtls};
}

TEST(StateSummary, NoTransportIsNew) {
  EXPECT_EQ(summarise_gathering({}), IceGatheringState::new_);
  EXPECT_EQ(summarise_ice({}), IceConnectionState::new_);
  EXPECT_EQ(summarise_connection({}), ConnectionState::new_);
}

TEST(StateSummary, TheWorstTransportSpeaksForAll) {
  const std::vector<TransportState> failed{with(Ice::completed), with(Ice::failed)};
  EXPECT_EQ(summarise_ice(failed), IceConnectionState::failed);
  EXPECT_EQ(summarise_connection(failed), ConnectionState::failed);
  const std::vector<TransportState> gone{with(Ice::connected), with(Ice::disconnected)};
  EXPECT_EQ(summarise_ice(gone), IceConnectionState::disconnected);
  EXPECT_EQ(summarise_connection(gone), ConnectionState::disconnected);
  const std::vector<TransportState> checking{with(Ice::completed), with(Ice::checking)};
  EXPECT_EQ(summarise_ice(checking), IceConnectionState::checking);
  EXPECT_EQ(summarise_connection(checking), ConnectionState::connecting);
}

TEST(StateSummary, ConnectedWaitsForDtls) {
  const std::vector<TransportState> states{with(Ice::connected, DtlsState::connecting)};
  EXPECT_EQ(summarise_ice(states), IceConnectionState::connected);
  EXPECT_EQ(summarise_connection(states), ConnectionState::connecting);
  const std::vector<TransportState> failed{with(Ice::connected, DtlsState::failed)};
  EXPECT_EQ(summarise_connection(failed), ConnectionState::failed);
}

TEST(StateSummary, CompletedNeedsAll) {
  EXPECT_EQ(summarise_ice(std::vector{with(Ice::completed), with(Ice::connected)}),
            IceConnectionState::connected);
  EXPECT_EQ(summarise_ice(std::vector{with(Ice::completed), with(Ice::closed)}),
            IceConnectionState::completed);
}

TEST(StateSummary, GatheringIsCompleteWhenAllAre) {
  std::vector<TransportState> states{{Gathering::complete, {}, {}}, {Gathering::gathering, {}, {}}};
  EXPECT_EQ(summarise_gathering(states), IceGatheringState::gathering);
  states[1].gathering = Gathering::complete;
  EXPECT_EQ(summarise_gathering(states), IceGatheringState::complete);
  states[1].gathering = Gathering::idle;
  EXPECT_EQ(summarise_gathering(states), IceGatheringState::new_);
}

}  // namespace
}  // namespace lucid::peer::detail
