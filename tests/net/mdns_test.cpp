#include "net/mdns.hpp"

#include <gmock/gmock.h>

#include "tests/core/machine_contract.hpp"

namespace lucid::net {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view name = "9b36eaac-bb2e-49bb-bb78-21c41c499900.local";
const core::Ip here = core::Ip::v4(0xC0A80101);
const core::Ip there = core::Ip::v4(0xC0A80102);

// A speaker on the link, by itself and in virtual time.
struct Speaker {
  explicit Speaker(core::Ip ip) : mdns{{random, pool}} { mdns.use_addresses({ip}); }

  std::vector<core::Datagram> sent() {
    std::vector<core::Datagram> all;
    while (auto one = mdns.poll_transmit()) all.push_back(*std::move(one));
    return all;
  }
  void hear(const MdnsMessage& message, core::Address from) {
    const core::Path path{core::Transport::udp, {here, Mdns::port}, from};
    mdns.handle_datagram({path, core::Ecn::not_ect, pool.copy(message.serialize())}, now);
  }

  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{1s};
  Mdns mdns;
};

MdnsMessage parsed(const core::Datagram& datagram) {
  return MdnsMessage::parse(datagram.bytes).value();
}

MdnsMessage query(RecordType type = RecordType::a, bool unicast = false) {
  MdnsMessage message;
  message.questions = {{std::string{name}, type, unicast}};
  return message;
}

MdnsMessage response(core::Ip ip) {
  MdnsMessage message;
  message.kind = MdnsMessage::Kind::response;
  message.answers = {{std::string{name}, RecordType::a, ip}};
  return message;
}

// RFC 6762 3, RFC 6762 5.2, RFC 6762 15.1
TEST(Mdns, AsksTheGroupForBothFamiliesAndRepeatsAfterOneAndThreeSeconds) {
  Speaker speaker{here};
  speaker.mdns.resolve(core::ResolveId{7}, std::string{name}, speaker.now);
  const auto first = speaker.sent();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].path.remote.text(), "224.0.0.251:5353");
  EXPECT_THAT(parsed(first[0]).questions,
              ElementsAre(MdnsQuestion{std::string{name}, RecordType::a},
                          MdnsQuestion{std::string{name}, RecordType::aaaa}));
  for (const core::Duration later : {1s, 3s}) {
    EXPECT_EQ(speaker.mdns.next_timeout(), speaker.now + later);
    speaker.mdns.handle_timeout(speaker.now + later);
    EXPECT_THAT(speaker.sent(), SizeIs(1));
  }
}

TEST(Mdns, ResolvesWithTheAnswerWhateverItsCase) {
  Speaker speaker{here};
  speaker.mdns.resolve(core::ResolveId{7}, std::string{name}, speaker.now);
  MdnsMessage message = response(there);
  std::ranges::transform(message.answers[0].name, message.answers[0].name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;  // RFC 6762 16
  });
  speaker.hear(message, {there, Mdns::port});
  const auto event = speaker.mdns.poll_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<Mdns::Resolved>(*event).id, core::ResolveId{7});
  EXPECT_THAT(std::get<Mdns::Resolved>(*event).addresses, ElementsAre(there));
  EXPECT_FALSE(speaker.mdns.next_timeout());
}

// RFC 6762 6: responses come from port 5353.
TEST(Mdns, DropsAResponseFromAnotherPort) {
  Speaker speaker{here};
  speaker.mdns.resolve(core::ResolveId{7}, std::string{name}, speaker.now);
  speaker.hear(response(there), {there, 40000});
  EXPECT_FALSE(speaker.mdns.poll_event());
  EXPECT_EQ(speaker.mdns.stats().dropped_wrong_port, 1U);
}

TEST(Mdns, GivesUpOnANameThatNobodyAnswersFor) {
  Speaker speaker{here};
  speaker.mdns.resolve(core::ResolveId{7}, std::string{name}, speaker.now);
  speaker.mdns.handle_timeout(speaker.now + 5s);
  const auto event = speaker.mdns.poll_event();
  ASSERT_TRUE(event);
  EXPECT_THAT(std::get<Mdns::Resolved>(*event).addresses, IsEmpty());
}

// RFC 6762 6, RFC 6762 10, RFC 6762 10.2
TEST(Mdns, AnswersTheGroupForAPublishedName) {
  Speaker speaker{here};
  speaker.mdns.publish(std::string{name}, here, speaker.now);
  EXPECT_THAT(speaker.sent(), SizeIs(1));  // RFC 6762 8.3: announced
  speaker.hear(query(), {there, Mdns::port});
  const auto sent = speaker.sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].path.remote, Mdns::group(core::Family::v4));
  const MdnsMessage answer = parsed(sent[0]);
  EXPECT_EQ(answer.kind, MdnsMessage::Kind::response);
  EXPECT_THAT(answer.answers, ElementsAre(MdnsRecord{std::string{name}, RecordType::a, here}));
}

// RFC 6762 5.4
TEST(Mdns, AnswersTheAskerAloneWhenItWantsThat) {
  Speaker speaker{here};
  speaker.mdns.publish(std::string{name}, here, speaker.now);
  (void)speaker.sent();
  speaker.hear(query(RecordType::any, true), {there, Mdns::port});
  const auto sent = speaker.sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].path.remote, (core::Address{there, Mdns::port}));
}

// RFC 6762 6.7
TEST(Mdns, AnswersAPlainResolverInItsOwnTerms) {
  Speaker speaker{here};
  speaker.mdns.publish(std::string{name}, here, speaker.now);
  (void)speaker.sent();
  MdnsMessage question = query();
  question.id = 4711;
  speaker.hear(question, {there, 40000});
  const auto sent = speaker.sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].path.remote.port, 40000);
  const MdnsMessage answer = parsed(sent[0]);
  EXPECT_EQ(answer.id, 4711);
  EXPECT_THAT(answer.questions, SizeIs(1));
  EXPECT_FALSE(answer.answers.at(0).flush);
  EXPECT_LE(answer.answers.at(0).ttl.count(), 10U);
}

// RFC 6762 6.1: the datagram has an NSEC record where the asker wants IPv6 of an IPv4 host.
TEST(Mdns, SaysThatThereIsNoAddressOfTheOtherFamily) {
  Speaker speaker{here};
  speaker.mdns.publish(std::string{name}, here, speaker.now);
  (void)speaker.sent();
  speaker.hear(query(RecordType::aaaa), {there, Mdns::port});
  const auto sent = speaker.sent();
  ASSERT_THAT(sent, SizeIs(1));
  const core::Bytes bytes = sent[0].bytes;
  EXPECT_EQ(core::to_hex(bytes.last(3)), "000140");  // window 0, one byte, bit 1: A alone
}

// RFC 6762 7.1
TEST(Mdns, KeepsQuietWhenTheAskerKnowsTheAnswer) {
  Speaker speaker{here};
  speaker.mdns.publish(std::string{name}, here, speaker.now);
  (void)speaker.sent();
  MdnsMessage question = query();
  question.answers = response(here).answers;
  question.answers[0].ttl = std::chrono::seconds{61};
  speaker.hear(question, {there, Mdns::port});
  EXPECT_THAT(speaker.sent(), IsEmpty());
  question.answers[0].ttl = std::chrono::seconds{59};
  speaker.hear(question, {there, Mdns::port});
  EXPECT_THAT(speaker.sent(), SizeIs(1));
}

// RFC 6762 8.3, RFC 6762 10.1
TEST(Mdns, AnnouncesTwiceAndSaysGoodbye) {
  Speaker speaker{here};
  speaker.mdns.publish(std::string{name}, here, speaker.now);
  speaker.mdns.handle_timeout(speaker.now + 1s);
  EXPECT_THAT(speaker.sent(), SizeIs(2));
  EXPECT_FALSE(speaker.mdns.next_timeout());
  speaker.mdns.withdraw(name, speaker.now + 2s);
  const auto sent = speaker.sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(parsed(sent[0]).answers.at(0).ttl.count(), 0U);
}

struct MdnsContract {
  using Machine = Mdns;
  static Machine make(core::Context context) { return Mdns{context}; }
  static void start(Machine& machine, core::Time now) {
    machine.use_addresses({here});
    machine.resolve(core::ResolveId{1}, std::string{name}, now);
    machine.publish("other.local", here, now);
  }
  static std::vector<std::vector<std::uint8_t>> inputs() {
    return {query(RecordType::any).serialize(), response(there).serialize(), {0, 1, 2}};
  }
  static core::Path path() { return {{}, {here, Mdns::port}, {there, Mdns::port}}; }
};

// Whoever repeats a question may want a large answer sent to somebody else.
TEST(Mdns, AnswersARepeatedQuestionOnce) {
  Speaker speaker{here};
  speaker.mdns.publish(std::string{name}, here, speaker.now);
  speaker.sent();
  MdnsMessage many;
  many.questions.assign(100, query().questions[0]);
  speaker.hear(many, {there, 40'000});
  const auto sent = speaker.sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(parsed(sent[0]).answers, SizeIs(1));
  EXPECT_THAT(parsed(sent[0]).questions, SizeIs(1));
}

}  // namespace
}  // namespace lucid::net

namespace lucid::core::contract {
INSTANTIATE_TYPED_TEST_SUITE_P(Mdns, MachineContract, net::MdnsContract);
}
