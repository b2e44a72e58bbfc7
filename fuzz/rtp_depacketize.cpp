// The first byte chooses the codec; payloads follow, each behind a length of two bytes. Whatever
// makes a frame can be sent again and makes the same frame.
#include "core/check.hpp"
#include "rtp/payload/depacketizer.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/payload/references.hpp"

namespace core = lucid::core;
namespace rtp = lucid::rtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::ByteReader in{{data, size}};
  const core::Codec codec{static_cast<std::uint8_t>(in.u8() % 10)};
  const auto depacketizer = rtp::make_depacketizer(codec);
  std::vector<core::Bytes> payloads;
  rtp::ReferenceFinder references;
  while (in.remaining() > 2) {
    const std::size_t length = in.u16();
    const core::Bytes payload = in.bytes(std::min(length, in.remaining()));
    const auto info = depacketizer->inspect(payload, in.remaining() == 0);
    core::EncodedFrame part;
    if (info) references.annotate(part, *info, {});
    payloads.push_back(payload);
  }
  core::EncodedFrame frame;
  if (!depacketizer->assemble(payloads, frame)) return 0;
  core::SeededRandom random{1};
  const auto packetizer = rtp::make_packetizer({.codec = codec}, random);
  std::vector<std::uint8_t> room(core::kind_of(codec) == core::MediaKind::video ? 100 : 70'000);
  if (!packetizer->open(frame, room.size())) return 0;
  std::vector<std::vector<std::uint8_t>> pieces;
  while (const auto p = packetizer->next(room)) pieces.emplace_back(&room[0], &room[p->size]);
  // Payloads may hold start codes, at which H.264 and H.265 fall apart in another way.
  if (codec == core::Codec::h264 || codec == core::Codec::h265) return 0;
  payloads.assign(pieces.begin(), pieces.end());
  core::EncodedFrame again;
  core::check(depacketizer->assemble(payloads, again) && again.data == frame.data);
  return 0;
}
