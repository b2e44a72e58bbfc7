#pragma once
#include <cstdint>
#include <memory>

#include "rtp/payload/depacketizer.hpp"
#include "rtp/payload/packetizer.hpp"

// Where make_packetizer and make_depacketizer find the formats.
namespace lucid::rtp::detail {

// RFC 7741 4.2, RFC 9628 4.2: picture ids have fifteen bits.
constexpr std::uint16_t picture_id_mask = 0x7FFF;

std::unique_ptr<Packetizer> vp8_packetizer(const PacketizerConfig& config, core::Random& random);
std::unique_ptr<Depacketizer> vp8_depacketizer();
std::unique_ptr<Packetizer> vp9_packetizer(const PacketizerConfig& config, core::Random& random);
std::unique_ptr<Depacketizer> vp9_depacketizer();
std::unique_ptr<Packetizer> h264_packetizer(const PacketizerConfig& config);
std::unique_ptr<Depacketizer> h264_depacketizer();
std::unique_ptr<Packetizer> h265_packetizer();
std::unique_ptr<Depacketizer> h265_depacketizer();
std::unique_ptr<Packetizer> av1_packetizer();
std::unique_ptr<Depacketizer> av1_depacketizer();
std::unique_ptr<Packetizer> audio_packetizer(core::Codec codec);
std::unique_ptr<Depacketizer> audio_depacketizer(core::Codec codec);

}  // namespace lucid::rtp::detail
