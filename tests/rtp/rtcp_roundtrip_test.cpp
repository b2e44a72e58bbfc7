#include <gtest/gtest.h>

#include <utility>

#include "core/random.hpp"
#include "rtp/rtcp/packet.hpp"

// Messages of every type, of any content: written, read and written again, they are the same.
namespace lucid::rtp::rtcp {
namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_{seed} {}

  Message make(std::size_t type) {
    return make(type, std::make_index_sequence<std::variant_size_v<Message>>{});
  }

 private:
  template <std::size_t... index>
  Message make(std::size_t type, std::index_sequence<index...>) {
    Message message;
    ((type == index ? (fill(message.emplace<index>()), 0) : 0), ...);
    return message;
  }
  std::uint32_t word() { return random_.u32(); }
  std::uint16_t half() { return random_.u16(); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_.u16()); }
  std::uint16_t bits(unsigned count) {
    return static_cast<std::uint16_t>(half() & ((1U << count) - 1));
  }
  // The ends of what is allowed, and anything in between.
  std::size_t count(std::size_t most) {
    const std::uint64_t kind = random_.below(4);
    return kind == 0 ? 0 : kind == 1 ? most : static_cast<std::size_t>(random_.below(most + 1));
  }
  std::vector<std::uint8_t> bytes(std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    random_.fill(bytes);
    return bytes;
  }
  std::string text() {
    const auto raw = bytes(count(255));
    return {raw.begin(), raw.end()};
  }
  template <class T, class Fill>
  std::vector<T> list(std::size_t most, Fill fill) {
    std::vector<T> items(count(most));
    for (T& item : items) fill(item);
    return items;
  }
  template <class Feedback>
  void ssrcs(Feedback& m) {
    m.sender_ssrc = word();
    m.media_ssrc = word();
  }
  std::vector<ReportBlock> blocks() {
    return list<ReportBlock>(31, [this](ReportBlock& block) {
      block = {word(), byte(), static_cast<std::int32_t>(random_.below(1 << 24)) - (1 << 23),
               word(), word(), word(),
               word()};
    });
  }
  std::vector<BitrateLimit> limits() {
    return list<BitrateLimit>(40, [this](BitrateLimit& limit) {
      limit = {word(), {static_cast<std::uint8_t>(bits(6)), word() & 0x1FFFF}, bits(9)};
    });
  }

  void fill(SenderReport& m) {
    m = {word(), NtpTime{random_.u64()}, word(), word(), word(), blocks(), bytes(4 * count(3))};
  }
  void fill(ReceiverReport& m) { m = {word(), blocks(), bytes(4 * count(3))}; }
  void fill(SourceDescription& m) {
    m.chunks = list<SourceDescription::Chunk>(31, [this](auto& chunk) {
      chunk.ssrc = word();
      chunk.items = list<SourceDescription::Item>(3, [this](auto& item) {
        item = {SdesType{static_cast<std::uint8_t>(1 + random_.below(255))}, text()};
      });
    });
  }
  void fill(Bye& m) {
    m.sources = list<std::uint32_t>(31, [this](auto& source) { source = word(); });
    if (random_.below(2) == 0) m.reason = text();
  }
  void fill(Application& m) {
    m = {static_cast<std::uint8_t>(bits(5)), word(), {'n', 'a', 'm', 'e'}, bytes(4 * count(50))};
  }
  void fill(ExtendedReport& m) {
    m.ssrc = word();
    m.blocks = list<ExtendedBlock>(6, [this](ExtendedBlock& block) {
      if (random_.below(3) == 0) {
        block = ReceiverReferenceTime{NtpTime{random_.u64()}};
      } else if (random_.below(2) == 0) {
        block = DelaySinceLastReceiverReport{list<DelaySinceLastReceiverReport::Item>(
            40, [this](auto& item) { item = {word(), word(), word()}; })};
      } else {
        block = OtherBlock{static_cast<std::uint8_t>(6 + random_.below(200)), byte(),
                           bytes(4 * count(20))};
      }
    });
  }
  void fill(Nack& m) {
    ssrcs(m);
    m.items = list<Nack::Item>(250, [this](auto& item) { item = {half(), half()}; });
  }
  // What a recorder says of arrivals: none lost, some, in and out of order.
  void fill(TransportFeedback& m) {
    std::uint16_t number = half();
    core::Time at{core::Duration{static_cast<std::int64_t>(random_.below(1'000'000'000)) * 250}};
    TransportFeedbackBuilder builder{number, at, byte(), random_.below(4) != 0};
    for (std::size_t i = 1 + count(300); i > 0 && builder.add(number, at); --i) {
      number =
          static_cast<std::uint16_t>(number + 1 + (random_.below(9) == 0 ? random_.below(40) : 0));
      at += core::Duration{static_cast<std::int64_t>(random_.below(60'000))};
      if (random_.below(7) == 0) at -= core::Duration{40'000};
    }
    m = builder.build(word(), word());
  }
  void fill(CongestionFeedback& m) {
    m.sender_ssrc = word();
    m.report_timestamp = word();
    m.streams = list<CongestionFeedback::Stream>(4, [this](auto& stream) {
      stream.ssrc = word();
      stream.begin_sequence = half();
      stream.reports = list<CongestionFeedback::Report>(99, [this](auto& report) {
        if (random_.below(3) == 0) return;
        report = {true, core::Ecn{static_cast<std::uint8_t>(bits(2))}, bits(13)};
      });
    });
  }
  void fill(BitrateRequest& m) {
    ssrcs(m);
    m.limits = limits();
  }
  void fill(BitrateNotification& m) {
    ssrcs(m);
    m.limits = limits();
  }
  void fill(PictureLoss& m) { ssrcs(m); }
  void fill(SliceLoss& m) {
    ssrcs(m);
    m.items = list<SliceLoss::Item>(60, [this](auto& item) {
      item = {bits(13), bits(13), static_cast<std::uint8_t>(bits(6))};
    });
  }
  void fill(ReferenceSelection& m) {
    ssrcs(m);
    m.padding_bits = static_cast<std::uint8_t>(bits(4));
    m.payload_type = static_cast<std::uint8_t>(bits(7));
    m.bits = bytes(2 + 4 * count(9));
  }
  void fill(FullIntraRequest& m) {
    ssrcs(m);
    m.items = list<FullIntraRequest::Item>(60, [this](auto& item) { item = {word(), byte()}; });
  }
  void fill(Remb& m) {
    ssrcs(m);
    m.bitrate = {static_cast<std::uint8_t>(bits(6)), word() & 0x3FFFF};
    m.ssrcs = list<std::uint32_t>(255, [this](auto& ssrc) { ssrc = word(); });
  }
  void fill(Unknown& m) {
    m = {static_cast<std::uint8_t>(bits(5)), static_cast<std::uint8_t>(208 + random_.below(16)),
         bytes(4 * count(99))};
  }

  core::SeededRandom random_;
};

std::vector<std::uint8_t> written(const Message& message) {
  std::vector<std::uint8_t> room(1 << 16);
  core::ByteWriter out{room};
  EXPECT_TRUE(write(message, out)) << name_of(message);
  EXPECT_EQ(out.size(), size_of(message)) << name_of(message);
  room.resize(out.size());
  return room;
}

TEST(RtcpRoundTrip, EveryTypeIsReadAsItWasWrittenAndWrittenAsItWasRead) {
  Maker maker{1};
  for (int round = 0; round < 60; ++round) {
    for (std::size_t type = 0; type < std::variant_size_v<Message>; ++type) {
      const Message message = maker.make(type);
      const auto bytes = written(message);
      const auto back = parse_compound(bytes);
      ASSERT_TRUE(back) << name_of(message) << ' ' << core::to_hex(bytes);
      ASSERT_EQ(back->size(), 1U);
      ASSERT_EQ(back->front(), message) << name_of(message) << ' ' << core::to_hex(bytes);
      ASSERT_EQ(written(back->front()), bytes) << name_of(message);
    }
  }
}

TEST(RtcpRoundTrip, ACompoundOfAllTypesComesBackInOrder) {
  Maker maker{2};
  for (int round = 0; round < 20; ++round) {
    std::vector<Message> messages;
    std::vector<std::uint8_t> compound;
    for (std::size_t type = 0; type < std::variant_size_v<Message>; ++type) {
      messages.push_back(maker.make(type));
      const auto bytes = written(messages.back());
      compound.insert(compound.end(), bytes.begin(), bytes.end());
    }
    const auto back = parse_compound(compound);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, messages);
  }
}

}  // namespace
}  // namespace lucid::rtp::rtcp
