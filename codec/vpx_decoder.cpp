#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "codec/detail/engines.hpp"

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
    if (!plausible(frame)) return std::unexpected(CodecError::bad_data);
    if (vpx_codec_decode(&codec_, frame.data.data(), static_cast<unsigned>(frame.data.size()),
                         nullptr, 0) != VPX_CODEC_OK) {
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
  // Looks at the size in the header before the library allocates for it.
  bool plausible(const core::EncodedFrame& frame) const {
    vpx_codec_stream_info_t info{};
    info.sz = sizeof(info);
    vpx_codec_iface_t* engine = kind_ == core::Codec::vp8 ? vpx_codec_vp8_dx() : vpx_codec_vp9_dx();
    if (frame.data.empty()) return false;
    if (vpx_codec_peek_stream_info(engine, frame.data.data(),
                                   static_cast<unsigned>(frame.data.size()),
                                   &info) != VPX_CODEC_OK) {
      return !frame.key && kind_ == core::Codec::vp8;
    }
    return info.w == 0 || sound(info.w, info.h);
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
