#include "rtp/rtcp/session.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>

namespace lucid::rtp::rtcp {
namespace {

using namespace std::chrono_literals;

constexpr core::WallClock wall{core::WallClock::Microseconds{1'700'000'000'000'000}};

// One end of a call, with what it has heard.
struct End {
  explicit End(std::uint64_t seed, Session::Config config = {.cname = "cname", .wall = wall})
      : random{seed}, session{std::move(config), {random, pool}} {
    session.start(core::Time{});
  }
  template <class Event>
  std::vector<Event> heard() const {
    std::vector<Event> found;
    for (const auto& event : events) {
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    }
    return found;
  }
  void drain_events() {
    while (auto event = session.poll_event()) events.push_back(std::move(*event));
  }

  core::SeededRandom random;
  core::Pool pool;
  Session session;
  std::vector<Session::Event> events;
};

struct Sent {
  core::Time arrival;
  core::Buffer bytes;
  End* to;
};

// Two ends with 20 ms between them; `tick` runs every 10 ms.
template <class Tick>
void run(End& left, End& right, core::Duration length, Tick tick) {
  std::deque<Sent> wire;
  for (core::Time now{}; now < core::Time{length}; now += 10ms) {
    tick(now);
    while (!wire.empty() && wire.front().arrival <= now) {
      wire.front().to->session.handle_datagram(wire.front().bytes, now);
      wire.pop_front();
    }
    for (End* end : {&left, &right}) {
      end->session.handle_timeout(now);
      while (auto datagram = end->session.poll_transmit()) {
        wire.push_back({now + 20ms, std::move(*datagram), end == &left ? &right : &left});
      }
      end->drain_events();
    }
  }
}

void send_media(End& from, End& to, std::uint16_t sequence, core::Time now) {
  const auto timestamp =
      static_cast<std::uint32_t>(duration_to_ticks(now.time_since_epoch(), 90'000));
  std::vector<std::uint8_t> bytes(112);
  const HeaderWriter header{{.sequence = sequence, .timestamp = timestamp, .ssrc = 11}};
  std::copy(header.bytes().begin(), header.bytes().end(), bytes.begin());
  from.session.packet_sent(11, timestamp, 100, now);
  to.session.packet_received(*Packet::parse(bytes), now + 20ms);
}

std::vector<Message> first_datagram(End& end, core::Time now) {
  end.session.handle_timeout(now);
  const auto datagram = end.session.poll_transmit();
  if (!datagram) return {};
  return parse_compound(*datagram).value();
}

std::vector<std::string_view> names(const std::vector<Message>& messages) {
  std::vector<std::string_view> names;
  for (const Message& message : messages) names.push_back(name_of(message));
  return names;
}

// RFC 3550 6.5.1: what the report of one stream was late does not move it against the other.
TEST(RtcpSession, SourcesOfOneCnameShareTheFastestReport) {
  End receiver{2};
  receiver.session.add_remote(11, 90'000);
  receiver.session.add_remote(12, 48'000);
  EXPECT_FALSE(receiver.session.captured(11, 0, 90'000));
  const auto report = [&](std::uint32_t ssrc, const char* cname, core::Time arrival) {
    std::vector<std::uint8_t> room(200);
    core::ByteWriter out{room};
    write(SenderReport{.ssrc = ssrc, .ntp = NtpTime::at(core::Time{1s}, wall)}, out);
    write(cname_of(ssrc, cname), out);
    receiver.session.handle_datagram(receiver.pool.copy(out.written()), arrival);
  };
  const auto between = [&] {
    return std::abs(static_cast<double>(
        (*receiver.session.captured(11, 0, 90'000) - *receiver.session.captured(12, 0, 48'000))
            .count()));
  };
  report(11, "one", core::Time{1s + 300ms});
  report(12, "another", core::Time{1s + 20ms});
  EXPECT_NEAR(between(), 280'000, 100);
  report(12, "one", core::Time{1s + 20ms});
  EXPECT_LT(between(), 100);
}

TEST(RtcpSession, BothEndsLearnLossJitterAndRoundTrip) {
  End sender{1};
  End receiver{2};
  sender.session.add_source(11, 90'000);
  receiver.session.add_remote(11, 90'000);
  std::uint16_t sequence = 0;
  run(sender, receiver, 10s, [&](core::Time now) {
    if (++sequence % 10 != 0) send_media(sender, receiver, sequence, now);
  });
  const auto reports = sender.heard<Session::Reported>();
  ASSERT_GE(reports.size(), 5U);
  EXPECT_NEAR(reports.back().block.fraction_lost, 25, 3);
  ASSERT_TRUE(reports.back().round_trip);
  EXPECT_NEAR(static_cast<double>(reports.back().round_trip->count()), 40'000, 100);
  EXPECT_GE(receiver.heard<Session::SenderReported>().size(), 5U);
  // RFC 3611 4.5: the receiver, too, measures.
  ASSERT_TRUE(receiver.session.stats().round_trip);
  EXPECT_NEAR(static_cast<double>(receiver.session.stats().round_trip->count()), 40'000, 100);
  const auto local = receiver.session.sender_clock(11)->local(90'000 * 5, 90'000);
  ASSERT_TRUE(local);
  EXPECT_NEAR(static_cast<double>((*local - core::Time{5s}).count()), 0, 20'000);
}

// RFC 3550 6.1
TEST(RtcpSession, ReportsBeginWithOneAndNameTheCname) {
  End end{3};
  end.session.add_source(11, 90'000);
  EXPECT_EQ(names(first_datagram(end, core::Time{1s})),
            (std::vector<std::string_view>{"RR", "SDES", "XR"}));
  end.session.packet_sent(11, 0, 100, core::Time{1s});
  const auto messages = first_datagram(end, core::Time{3s});
  EXPECT_EQ(names(messages), (std::vector<std::string_view>{"SR", "SDES"}));
  EXPECT_EQ(std::get<SourceDescription>(messages[1]).chunks[0].items[0].text, "cname");
}

// RFC 4585 3.1
TEST(RtcpSession, FeedbackLeavesAtOnceBehindAReport) {
  End end{4};
  end.session.add_remote(11, 90'000);
  end.session.send_feedback(PictureLoss{.media_ssrc = 11}, core::Time{10ms});
  EXPECT_EQ(end.session.next_timeout(), core::Time{10ms});
  const auto messages = first_datagram(end, core::Time{10ms});
  EXPECT_EQ(names(messages), (std::vector<std::string_view>{"RR", "SDES", "PLI"}));
  EXPECT_EQ(std::get<PictureLoss>(messages[2]).sender_ssrc,
            std::get<ReceiverReport>(messages[0]).ssrc);
}

// RFC 5506 3.4.1
TEST(RtcpSession, ReducedSizeFeedbackTravelsAlone) {
  End end{5, {.cname = "c", .wall = wall, .reduced_size = true}};
  end.session.add_remote(11, 90'000);
  end.session.send_feedback(Nack{0, 11, {{7, 0}}}, core::Time{10ms});
  EXPECT_EQ(names(first_datagram(end, core::Time{10ms})), (std::vector<std::string_view>{"NACK"}));
}

TEST(RtcpSession, FeedbackReachesTheOtherEnd) {
  End left{6};
  End right{7};
  left.session.add_remote(11, 90'000);
  right.session.add_source(11, 90'000);
  bool asked = false;
  run(left, right, 1s, [&](core::Time now) {
    if (!asked) left.session.send_feedback(FullIntraRequest{0, 0, {{11, 1}}}, now);
    asked = true;
  });
  const auto received = right.heard<Session::Received>();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(std::get<FullIntraRequest>(received[0].message).items[0].ssrc, 11U);
}

// RFC 3550 6.3.7, RFC 3550 6.6
TEST(RtcpSession, SaysGoodbyeOnlyIfItEverSpoke) {
  End quiet{8};
  quiet.session.add_source(11, 90'000);
  quiet.session.close("done", core::Time{1s});
  EXPECT_FALSE(quiet.session.poll_transmit());
  End end{9};
  end.session.add_source(11, 90'000);
  end.session.packet_sent(11, 0, 100, core::Time{});
  end.session.close("done", core::Time{1s});
  const auto datagram = end.session.poll_transmit();
  ASSERT_TRUE(datagram);
  EXPECT_EQ(names(parse_compound(*datagram).value()),
            (std::vector<std::string_view>{"SR", "SDES", "BYE"}));
  EXPECT_FALSE(end.session.next_timeout());
  End other{10};
  other.session.handle_datagram(*datagram, core::Time{1s});
  other.drain_events();
  ASSERT_EQ(other.heard<Session::Left>().size(), 1U);
  EXPECT_EQ(other.heard<Session::Left>()[0].reason, "done");
}

TEST(RtcpSession, ReportsOnManySourcesInTurn) {
  End end{11};
  for (std::uint32_t ssrc = 1; ssrc <= 40; ++ssrc) end.session.add_remote(ssrc, 90'000);
  std::set<std::uint32_t> reported;
  for (const core::Time now : {core::Time{1s}, core::Time{3s}}) {
    for (std::uint32_t ssrc = 1; ssrc <= 40; ++ssrc) {
      std::vector<std::uint8_t> bytes(22);
      const HeaderWriter header{{.ssrc = ssrc}};
      std::copy(header.bytes().begin(), header.bytes().end(), bytes.begin());
      end.session.packet_received(*Packet::parse(bytes), now);
    }
    const auto messages = first_datagram(end, now);
    ASSERT_FALSE(messages.empty());
    for (const auto& block : std::get<ReceiverReport>(messages[0]).blocks)
      reported.insert(block.ssrc);
  }
  EXPECT_EQ(reported.size(), 40U);
}

// RFC 8108 5.2
TEST(RtcpSession, ReportsOfManyOwnSourcesTakeTurns) {
  End end{12};
  std::set<std::uint32_t> reported;
  for (std::uint32_t ssrc = 1; ssrc <= 60; ++ssrc) {
    end.session.add_source(ssrc, 90'000);
    end.session.packet_sent(ssrc, 0, 100, core::Time{});
  }
  for (int i = 1; i <= 5; ++i) {
    std::size_t here = 0;
    std::size_t described = 0;
    for (const Message& message : first_datagram(end, core::Time{i * 2s})) {
      if (const auto* report = std::get_if<SenderReport>(&message)) {
        reported.insert(report->ssrc);
        ++here;
      }
      const auto* description = std::get_if<SourceDescription>(&message);
      if (description != nullptr) described += description->chunks.size();
    }
    EXPECT_EQ(described, here) << "RFC 3550 6.1: no report without a CNAME";
  }
  EXPECT_EQ(reported.size(), 60U);
}

// RFC 5506 3.4.2
TEST(RtcpSession, ReadsReducedSizePacketsEvenWhereItSendsNone) {
  End end{15};
  end.session.handle_datagram(*core::from_hex("81ce0002 00000001 0000000b"), core::Time{});
  end.drain_events();
  ASSERT_EQ(end.heard<Session::Received>().size(), 1U);
}

TEST(RtcpSession, DropsAndCountsWhatIsMalformed) {
  End end{13};
  end.session.handle_datagram(*core::from_hex("80c80002"), core::Time{});
  EXPECT_EQ(end.session.stats().dropped_malformed, 1U);
  EXPECT_FALSE(end.session.poll_event());
}

// 36 bytes can report on 65,528 packets, and forty such reports fit a datagram.
TEST(RtcpSession, TransportFeedbackOnMorePacketsThanThereAreNumbersIsRefused) {
  const std::string one = "8fcd0008 00000001 00000002 0000fff8 00000000 " +
                          std::string{"1fff 1fff 1fff 1fff 1fff 1fff 1fff 1fff"};
  EXPECT_TRUE(parse_compound(*core::from_hex(one)));
  EXPECT_FALSE(parse_compound(*core::from_hex(one + one)));
}

TEST(RtcpSession, IsSilentAfterTheEnd) {
  End end{14};
  end.session.close("", core::Time{});
  end.session.send_feedback(PictureLoss{}, core::Time{});
  end.session.handle_timeout(core::Time{10s});
  EXPECT_FALSE(end.session.poll_transmit());
  EXPECT_EQ(end.session.stats().dropped_feedback, 1U);
}

}  // namespace
}  // namespace lucid::rtp::rtcp
