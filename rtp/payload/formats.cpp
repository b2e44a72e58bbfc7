#include "rtp/payload/detail/formats.hpp"

namespace lucid::rtp {

std::unique_ptr<Packetizer> make_packetizer(const PacketizerConfig& config, core::Random& random) {
  switch (config.codec) {
    case core::Codec::vp8:
      return detail::vp8_packetizer(config, random);
    case core::Codec::vp9:
      return detail::vp9_packetizer(config, random);
    case core::Codec::h264:
      return detail::h264_packetizer(config);
    case core::Codec::h265:
      return detail::h265_packetizer();
    case core::Codec::av1:
      return detail::av1_packetizer();
    case core::Codec::opus:
    case core::Codec::g722:
    case core::Codec::pcmu:
    case core::Codec::pcma:
    case core::Codec::telephone_event:
      return detail::audio_packetizer(config.codec);
  }
  return nullptr;
}

std::unique_ptr<Depacketizer> make_depacketizer(core::Codec codec) {
  switch (codec) {
    case core::Codec::vp8:
      return detail::vp8_depacketizer();
    case core::Codec::vp9:
      return detail::vp9_depacketizer();
    case core::Codec::h264:
      return detail::h264_depacketizer();
    case core::Codec::h265:
      return detail::h265_depacketizer();
    case core::Codec::av1:
      return detail::av1_depacketizer();
    case core::Codec::opus:
    case core::Codec::g722:
    case core::Codec::pcmu:
    case core::Codec::pcma:
    case core::Codec::telephone_event:
      return detail::audio_depacketizer(codec);
  }
  return nullptr;
}

std::uint32_t clock_rate(core::Codec codec) {
  switch (codec) {
    case core::Codec::vp8:
    case core::Codec::vp9:
    case core::Codec::h264:
    case core::Codec::h265:
    case core::Codec::av1:
      return 90'000;
    case core::Codec::opus:
      return 48'000;         // RFC 7587 4.1: whatever rate the sound has
    case core::Codec::g722:  // RFC 3551 4.5.2: sampled at 16 kHz, counted at 8
    case core::Codec::pcmu:
    case core::Codec::pcma:
    case core::Codec::telephone_event:
      return 8'000;
  }
  return 90'000;
}

}  // namespace lucid::rtp
