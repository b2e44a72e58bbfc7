#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "core/buffer.hpp"
#include "rtp/extension_values.hpp"
#include "rtp/payload/depacketizer.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/rtcp/session.hpp"

namespace {
thread_local std::size_t allocations = 0;
}

// Counts what this program takes from the heap. Never inlined, so that the compiler sees new
// matched with delete and not with free.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lucid::rtp {
namespace {

// Sends a frame in packets, fills in what the pacer knows, and reads them as a receiver does.
class Path {
 public:
  Path() {
    map_.add(1, ExtensionType::mid);
    map_.add(2, ExtensionType::transport_sequence);
    session_.add_source(3, 90'000);
    session_.add_remote(3, 90'000);
    frame_.data.assign(5000, 1);
    frame_.data[0] = 0x11;
  }
  std::size_t round() {
    HeaderWriter header{{.payload_type = 96, .timestamp = 1, .ssrc = 3}};
    add(header, map_, Mid{"video"});
    add(header, map_, TransportSequence{0});
    std::size_t read_back = 0;
    if (!packetizer_->open(frame_, 1100)) return 0;
    for (;;) {
      core::Buffer packet = pool_.take(1100);
      const auto piece = packetizer_->next(packet.bytes());
      if (!piece) return read_back;
      packet.resize(piece->size);
      header.sequence(++sequence_);
      header.marker(piece->marker);
      header.prepend_to(packet);
      overwrite(packet.bytes(), map_, TransportSequence{sequence_});
      session_.packet_sent(3, 1, piece->size, core::Time{});
      const auto view = Packet::parse(packet);
      session_.packet_received(*view, core::Time{});
      const auto info = depacketizer_->inspect(view->payload(), view->marker());
      read_back += info && read<TransportSequence>(*view, map_)->sequence == sequence_ ? 1 : 0;
    }
  }

 private:
  core::Pool pool_;
  core::SeededRandom random_{1};
  ExtensionMap map_;
  rtcp::Session session_{{.cname = "a"}, {random_, pool_}};
  std::unique_ptr<Packetizer> packetizer_ = make_packetizer({}, random_);
  std::unique_ptr<Depacketizer> depacketizer_ = make_depacketizer(core::Codec::vp8);
  core::EncodedFrame frame_;
  std::uint16_t sequence_ = 0;
};

TEST(Allocation, NoPacketTakesMemoryOnceThingsRun) {
  Path path;
  EXPECT_EQ(path.round(), 5U);
  const std::size_t before = allocations;
  std::size_t packets = 0;
  for (int i = 0; i < 100; ++i) packets += path.round();
  EXPECT_EQ(packets, 500U);
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace lucid::rtp
