#include "peer/detail/media_router.hpp"

#include <gtest/gtest.h>

#include "rtp/extension_values.hpp"

namespace lucid::peer::detail {
namespace {

constexpr std::uint8_t mid_id = 4;
constexpr std::uint8_t rid_id = 5;
constexpr std::uint8_t repaired_id = 6;

MediaPlan plan(std::uint32_t id, std::string mid, std::uint8_t payload_type) {
  MediaPlan made;
  made.id = TransceiverId{id};
  made.mid = std::move(mid);
  made.receiving.emplace();
  made.receiving->formats = {{payload_type, core::Codec::vp8}};
  made.receiving->rtx_formats = {{97, payload_type}};
  made.receiving->extensions.add(mid_id, rtp::ExtensionType::mid);
  made.receiving->extensions.add(rid_id, rtp::ExtensionType::rid);
  made.receiving->extensions.add(repaired_id, rtp::ExtensionType::repaired_rid);
  return made;
}

// A packet, with text extensions.
struct Made {
  Made(std::uint32_t ssrc, std::uint8_t payload_type,
       std::initializer_list<std::pair<std::uint8_t, std::string_view>> texts = {})
      : header{{.payload_type = payload_type, .ssrc = ssrc}} {
    for (const auto& [id, text] : texts) header.add_extension(id, core::as_bytes(text));
    view = *rtp::Packet::parse(header.bytes());
  }
  rtp::HeaderWriter header;
  rtp::Packet view;
};

struct Router : testing::Test {
  Router() { router.set_plans({plan(1, "a", 96), plan(2, "b", 96), plan(3, "c", 98)}); }
  MediaRouter router;
};

// RFC 9143 9.2
TEST_F(Router, TheMidDecidesAndIsRemembered) {
  EXPECT_FALSE(router.route(Made{10, 96}.view)) << "two sections have this payload type";
  EXPECT_EQ(router.route(Made{10, 96, {{mid_id, "b"}}}.view)->id, TransceiverId{2});
  EXPECT_EQ(router.route(Made{10, 96}.view)->id, TransceiverId{2});
  EXPECT_EQ(router.route(Made{10, 96, {{mid_id, "a"}}}.view)->id, TransceiverId{1});
  EXPECT_FALSE(router.route(Made{11, 96, {{mid_id, "nobody"}}}.view));
}

TEST_F(Router, APayloadTypeOfOneSectionAloneDecides) {
  EXPECT_EQ(router.route(Made{10, 98}.view)->id, TransceiverId{3});
  EXPECT_FALSE(router.route(Made{10, 55}.view));
}

// RFC 8852 3.2, RFC 4588 5.3
TEST_F(Router, ARepairStreamIsKnownByTheRidThatItRepairs) {
  EXPECT_EQ(router.route(Made{10, 96, {{mid_id, "a"}, {rid_id, "h"}}}.view)->rid, "h");
  const auto repair = router.route(Made{20, 97, {{mid_id, "a"}, {repaired_id, "h"}}}.view);
  ASSERT_TRUE(repair);
  EXPECT_TRUE(repair->repair);
  EXPECT_EQ(repair->repairs, 10U);
}

TEST_F(Router, SsrcsThatWereSignalledNeedNoExtension) {
  MediaPlan signalled = plan(1, "a", 96);
  signalled.receiving->sources = {{10, 20}};
  router.set_plans({signalled, plan(2, "b", 96)});
  EXPECT_EQ(router.route(Made{10, 96}.view)->id, TransceiverId{1});
  EXPECT_EQ(router.route(Made{20, 97}.view)->repairs, 10U);
}

// RFC 9143 9.2: senders leave MID and RID out once they were heard, and go on so after a
// negotiation.
TEST_F(Router, WhatPacketsHaveToldOutlivesANegotiation) {
  router.route(Made{10, 96, {{mid_id, "b"}, {rid_id, "h"}}}.view);
  router.route(Made{11, 98, {{mid_id, "c"}}}.view);
  router.set_plans({plan(2, "b", 96), plan(4, "d", 96)});
  const auto route = router.route(Made{10, 96}.view);
  ASSERT_TRUE(route);
  EXPECT_EQ(route->id, TransceiverId{2});
  EXPECT_EQ(route->rid, "h");
  EXPECT_FALSE(router.route(Made{11, 98}.view)) << "its section is gone";
}

TEST_F(Router, SourcesThatNobodySignalledAreFew) {
  std::size_t routed = 0;
  for (std::uint32_t ssrc = 1000; ssrc < 3000; ++ssrc) {
    if (router.route(Made{ssrc, 98}.view)) ++routed;
  }
  EXPECT_EQ(routed, 128U);
  EXPECT_TRUE(router.route(Made{1000, 98}.view)) << "who was known is still";
}

// What a description names is not made up, however much of it there is.
TEST_F(Router, SourcesThatWereSignalledAreNotCounted) {
  MediaPlan signalled = plan(1, "a", 96);
  for (std::uint32_t ssrc = 1; ssrc < 1000; ssrc += 2) {
    signalled.receiving->sources.push_back({ssrc, ssrc + 1});
  }
  router.set_plans({signalled, plan(2, "b", 98)});
  EXPECT_EQ(router.route(Made{5000, 98}.view)->id, TransceiverId{2});
}

TEST_F(Router, WhatADescriptionSaidEndsWithIt) {
  MediaPlan signalled = plan(1, "a", 96);
  signalled.receiving->sources = {{10, 20}};
  router.set_plans({signalled, plan(2, "b", 96)});
  router.set_plans({plan(1, "a", 96), plan(2, "b", 96)});
  EXPECT_FALSE(router.route(Made{10, 96}.view));
}

}  // namespace
}  // namespace lucid::peer::detail
