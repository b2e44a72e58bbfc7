// Packets for one decoder, which the first byte chooses: whatever they are, nothing breaks, and
// each picture and each piece of sound that comes out is whole.
#include <algorithm>
#include "codec/audio.hpp"
#include "core/check.hpp"
#include "core/media.hpp"

namespace codec = lucid::codec;
namespace core = lucid::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::ByteReader in{{data, size}};
  const core::Codec kind{static_cast<core::Codec>(in.u8() % 9)};
  const auto video = codec::make_decoder(kind);
  const auto audio = codec::make_audio_decoder(kind, 2);
  for (int packets = 0; in.ok() && in.remaining() > 0 && packets < 16; ++packets) {
    const std::uint8_t how = in.u8();
    core::EncodedFrame frame;
    frame.codec = kind;
    frame.key = (how & 1) != 0;
    const core::Bytes bytes = in.bytes(std::min<std::size_t>(in.u16(), in.remaining()));
    frame.data.assign(bytes.begin(), bytes.end());
    if (video) {
      const auto pictures = (*video)->decode(frame).value_or(std::vector<core::VideoFrame>{});
      for (const core::VideoFrame& picture : pictures) {
        core::check(picture.planes.size() ==
                    core::VideoFrame::luma_size(picture.width, picture.height) +
                        2 * core::VideoFrame::chroma_size(picture.width, picture.height));
      }
    }
    if (audio) {
      const core::Duration length{how * 250};
      const auto sound = (how & 2) != 0   ? (*audio)->decode_redundancy(frame, length)
                         : (how & 4) != 0 ? (*audio)->conceal(length)
                                          : (*audio)->decode(frame);
      if (sound) core::check(sound->samples.size() % sound->channels == 0);
    }
  }
  return 0;
}
