#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include <algorithm>

#include "codec/detail/engines.hpp"
#include "codec/detail/vp9_frames.hpp"

namespace lucid::codec::detail {

namespace {

class VpxDecoder final : public VideoDecoder {
 public:
  explicit VpxDecoder(core::Codec codec) : kind_{codec} {}
  ~VpxDecoder() override {
    if (open_) vpx_codec_destroy(&codec_);
  }

  bool open() {
    vpx_codec_dec_cfg_t settings{.threads = 1, .w = 0, .h = 0};
    vpx_codec_iface_t* engine = kind_ == core::Codec::vp8 ? vpx_codec_vp8_dx() : vpx_codec_vp9_dx();
    open_ = vpx_codec_dec_init(&codec_, engine, &settings, 0) == VPX_CODEC_OK;
    return open_;
  }

  std::expected<std::vector<core::VideoFrame>, CodecError> decode(
      const core::EncodedFrame& frame) override {
    std::vector<std::uint8_t> chunk;
    core::Bytes data = frame.data;
    if (kind_ == core::Codec::vp9) {
      const std::vector<core::Bytes> frames = vp9_frames(data);
      if (!std::ranges::all_of(frames, plausible_vp9)) return std::unexpected(CodecError::bad_data);
      // Without an index the library would take what is left behind a frame for another one.
      chunk = vp9_chunk(frames);
      data = chunk;
    } else if (!plausible_vp8(frame)) {
      return std::unexpected(CodecError::bad_data);
    }
    if (vpx_codec_decode(&codec_, data.data(), static_cast<unsigned>(data.size()), nullptr, 0) !=
        VPX_CODEC_OK) {
      return std::unexpected(CodecError::bad_data);
    }
    std::vector<core::VideoFrame> pictures;
    vpx_codec_iter_t position = nullptr;
    while (const vpx_image_t* image = vpx_codec_get_frame(&codec_, &position)) {
      if (image->fmt != VPX_IMG_FMT_I420 || !sound(image->d_w, image->d_h)) {
        return std::unexpected(CodecError::bad_data);
      }
      const Planes planes{image->planes[VPX_PLANE_Y], image->planes[VPX_PLANE_U],
                          image->planes[VPX_PLANE_V], image->stride[VPX_PLANE_Y],
                          image->stride[VPX_PLANE_U]};
      pictures.push_back(frame_from(planes, static_cast<std::uint16_t>(image->d_w),
                                    static_cast<std::uint16_t>(image->d_h)));
      pictures.back().capture_time = frame.capture_time;
      pictures.back().rtp_timestamp = frame.rtp_timestamp;
      pictures.back().rotation = frame.rotation;
    }
    return pictures;
  }

 private:
  // Look at the size in the header before the library allocates for it.
  static bool plausible_vp8(const core::EncodedFrame& frame) {
    vpx_codec_stream_info_t info{};
    info.sz = sizeof(info);
    if (frame.data.empty()) return false;
    if (vpx_codec_peek_stream_info(vpx_codec_vp8_dx(), frame.data.data(),
                                   static_cast<unsigned>(frame.data.size()),
                                   &info) != VPX_CODEC_OK) {
      return !frame.key;
    }
    return info.w == 0 || sound(info.w, info.h);
  }
  static bool plausible_vp9(core::Bytes frame) {
    const auto size = vp9_size(frame);
    return size && (size->width == 0 || sound(size->width, size->height));
  }

  core::Codec kind_;
  vpx_codec_ctx_t codec_{};
  bool open_ = false;
};

}  // namespace

DecoderResult make_vpx_decoder(core::Codec codec) {
  auto decoder = std::make_unique<VpxDecoder>(codec);
  if (!decoder->open()) return std::unexpected(SetupError::engine_failed);
  return decoder;
}

}  // namespace lucid::codec::detail
