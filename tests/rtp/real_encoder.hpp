#pragma once
// What real encoders made, by format, as frames to send: encoded once for all tests.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "rtp/file/media.hpp"
#include "rtp/payload/av1.hpp"
#include "rtp/payload/detail/nal.hpp"
#include "rtp/payload/packetizer.hpp"
#include "tests/rtp/encoder.hpp"

namespace lucid::rtp::testing {

struct Encoding {
  const char* name;
  PacketizerConfig format;
  const char* extension;
  std::string arguments;
  std::string upper = {};  // of a second spatial layer
  std::size_t key_interval = 10;
  friend void PrintTo(const Encoding& encoding, std::ostream* out) { *out << encoding.name; }
};

inline std::string video(const char* size, const std::string& encoder) {
  return std::string{"-f lavfi -i testsrc2=r=15:s="} + size + " -t 1.4 -g 10 " + encoder;
}
inline std::string sound(const char* rate, const std::string& encoder) {
  return std::string{"-f lavfi -i sine=frequency=440:r="} + rate + " -t 1 " + encoder;
}

inline const std::vector<Encoding>& encodings() {
  const std::string vp9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v ";
  const std::string layers =
      " -ts-parameters ts_number_layers=2:ts_target_bitrate=75,150:ts_rate_decimator=2,1:"
      "ts_periodicity=2:ts_layer_id=0,1:ts_layering_mode=2";
  const std::string x264 = "-c:v libx264 -tune zerolatency -preset veryfast -b:v 250k ";
  using core::Codec;
  static const std::vector<Encoding> all{
      {"VP8",
       {.codec = Codec::vp8},
       "ivf",
       video("320x180", "-c:v libvpx -b:v 250k -deadline realtime")},
      {"VP9", {.codec = Codec::vp9}, "ivf", video("320x180", vp9 + "250k")},
      {"VP9Layers",
       {.codec = Codec::vp9, .spatial_layers = 2, .temporal_layers = 2},
       "ivf",
       video("160x90", vp9 + "150k" + layers),
       video("320x180", vp9 + "150k" + layers)},
      {"AV1",
       {.codec = Codec::av1},
       "ivf",
       "-f lavfi -i testsrc2=s=320x180:r=10 -t 1 -c:v libaom-av1 -b:v 500k -usage realtime "
       "-cpu-used 8 -tiles 2x1 -g 5",
       {},
       5},
      {"H264", {.codec = Codec::h264}, "h264", video("320x180", x264 + "-slices 3 -aud 1")},
      // Mode 0 has no fragments: the encoder makes slices that fit, and its greeting is left out.
      {"H264Mode0",
       {.codec = Codec::h264, .h264_packetization_mode = 0},
       "h264",
       video("320x180",
             x264 + "-x264-params slice-max-size=100:qp=40 -bsf:v filter_units=remove_types=6")},
      {"H265",
       {.codec = Codec::h265},
       "h265",
       video("320x180",
             "-c:v libx265 -preset ultrafast -b:v 250k -x265-params "
             "log-level=none:bframes=0:open-gop=0")},
      {"Opus",
       {.codec = Codec::opus},
       "ogg",
       sound("48000", "-c:a libopus -b:a 64k -vbr off -ac 2")},
      {"G722", {.codec = Codec::g722}, "g722", sound("16000", "-c:a g722 -f g722")},
      {"PCMU", {.codec = Codec::pcmu}, "ul", sound("8000", "-c:a pcm_mulaw -f mulaw")},
      {"PCMA", {.codec = Codec::pcma}, "al", sound("8000", "-c:a pcm_alaw -f alaw")},
  };
  return all;
}

// A frame without what its format never sends: start codes of another length, temporal delimiters.
using Units = std::vector<std::vector<std::uint8_t>>;
inline Units units_of(core::Codec codec, core::Bytes frame) {
  Units found;
  if (codec == core::Codec::h264 || codec == core::Codec::h265) {
    std::vector<core::Bytes> units;
    detail::split_annex_b(frame, units);
    for (const core::Bytes unit : units) found.emplace_back(unit.begin(), unit.end());
  } else if (codec == core::Codec::av1) {
    core::ByteReader in{frame};
    while (const auto obu = av1::Obu::parse(in)) {
      if (obu->type == av1::ObuType::temporal_delimiter) continue;
      found.emplace_back(obu->payload.begin(), obu->payload.end());
    }
  } else {
    found.emplace_back(frame.begin(), frame.end());
  }
  return found;
}

// The frames of a picture are its spatial layers; sound has one frame a picture.
struct Material {
  std::vector<std::vector<core::EncodedFrame>> pictures;
  std::vector<std::vector<Units>> units;
};

inline void add_layer(const Encoding& encoding, const std::string& arguments, Material& out) {
  const std::vector<std::uint8_t> bytes = run_ffmpeg(arguments, encoding.extension);
  const core::Codec codec = encoding.format.codec;
  std::vector<core::Bytes> parts;
  file::MediaFile media;
  const bool raw =
      codec == core::Codec::g722 || codec == core::Codec::pcmu || codec == core::Codec::pcma;
  if (!raw && !bytes.empty()) {
    auto read = file::read_media(bytes);
    ASSERT_TRUE(read) << file::to_string(read.error());
    ASSERT_EQ(read->codec, codec);
    media = std::move(*read);
    for (const auto& frame : media.frames) parts.push_back(frame.data);
  }
  for (std::size_t at = 0; raw && at + 160 <= bytes.size(); at += 160) {  // 20 ms
    parts.push_back(core::Bytes{bytes}.subspan(at, 160));
  }
  out.pictures.resize(std::max(out.pictures.size(), parts.size()));
  out.units.resize(out.pictures.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    core::EncodedFrame frame{.codec = codec};
    frame.data.assign(parts[i].begin(), parts[i].end());
    // VP9's format tells key frames from others by what the sender says of them.
    frame.key = codec == core::Codec::vp9 && (parts[i][0] & 0x04) == 0;
    frame.spatial_layer = static_cast<std::uint8_t>(out.pictures[i].size());
    frame.temporal_layer = static_cast<std::uint8_t>(i % encoding.format.temporal_layers);
    frame.last_of_picture = frame.spatial_layer + 1 == encoding.format.spatial_layers;
    const int above = encoding.format.spatial_layers - 1 - frame.spatial_layer;
    frame.width = static_cast<std::uint16_t>(320 >> above);
    frame.height = static_cast<std::uint16_t>(180 >> above);
    out.units[i].push_back(units_of(codec, frame.data));
    out.pictures[i].push_back(std::move(frame));
  }
}

// Empty when this ffmpeg has no such encoder.
inline const Material& material(const Encoding& encoding) {
  static std::map<std::string, Material> made;
  const auto [entry, fresh] = made.try_emplace(encoding.name);
  if (fresh) add_layer(encoding, encoding.arguments, entry->second);
  if (fresh && !encoding.upper.empty()) add_layer(encoding, encoding.upper, entry->second);
  return entry->second;
}

}  // namespace lucid::rtp::testing
