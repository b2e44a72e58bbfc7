#include <cstring>

#include "codec/detail/av.hpp"
#include "codec/detail/engines.hpp"

namespace lucid::codec::detail {

namespace {

// dav1d rather than libaom for AV1: several times as fast. For H.264 libavcodec's own.
const AVCodec* find(core::Codec codec) {
  switch (codec) {
    case core::Codec::h264:
      return avcodec_find_decoder(AV_CODEC_ID_H264);
    case core::Codec::h265:
      return avcodec_find_decoder(AV_CODEC_ID_HEVC);
    case core::Codec::av1:
      return avcodec_find_decoder_by_name("libdav1d");
    default:
      return nullptr;
  }
}

class AvDecoder final : public VideoDecoder {
 public:
  bool open(core::Codec codec) {
    const AVCodec* engine = find(codec);
    if (engine == nullptr) return false;
    context_.reset(avcodec_alloc_context3(engine));
    frame_.reset(av_frame_alloc());
    packet_.reset(av_packet_alloc());
    if (!context_ || !frame_ || !packet_) return false;
    context_->thread_count = 1;
    context_->max_pixels = max_pixels;
    context_->flags |= AV_CODEC_FLAG_LOW_DELAY;
    av_log_set_level(AV_LOG_QUIET);
    return avcodec_open2(context_.get(), engine, nullptr) == 0;
  }

  std::expected<std::vector<core::VideoFrame>, CodecError> decode(
      const core::EncodedFrame& frame) override {
    if (frame.data.empty()) return std::unexpected(CodecError::bad_data);
    // A packet of the library's own, since decoders may read a few bytes beyond the end.
    if (av_new_packet(packet_.get(), static_cast<int>(frame.data.size())) != 0) {
      return std::unexpected(CodecError::engine_failed);
    }
    std::memcpy(packet_->data, frame.data.data(), frame.data.size());
    packet_->pts = frame.id;
    const int sent = avcodec_send_packet(context_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent < 0) return std::unexpected(CodecError::bad_data);
    std::vector<core::VideoFrame> pictures;
    while (avcodec_receive_frame(context_.get(), frame_.get()) == 0) {
      const bool i420 =
          frame_->format == AV_PIX_FMT_YUV420P || frame_->format == AV_PIX_FMT_YUVJ420P;
      const bool usable = i420 && frame_->width > 0 && frame_->height > 0 &&
                          sound(static_cast<std::uint32_t>(frame_->width),
                                static_cast<std::uint32_t>(frame_->height));
      if (usable) pictures.push_back(take(frame));
      av_frame_unref(frame_.get());
      if (!usable) return std::unexpected(CodecError::bad_data);
    }
    return pictures;
  }

 private:
  core::VideoFrame take(const core::EncodedFrame& frame) const {
    const Planes planes{frame_->data[0], frame_->data[1], frame_->data[2], frame_->linesize[0],
                        frame_->linesize[1]};
    core::VideoFrame picture = frame_from(planes, static_cast<std::uint16_t>(frame_->width),
                                          static_cast<std::uint16_t>(frame_->height));
    picture.capture_time = frame.capture_time;
    picture.rtp_timestamp = frame.rtp_timestamp;
    picture.rotation = frame.rotation;
    return picture;
  }

  AvContext context_;
  AvFrame frame_;
  AvPacket packet_;
};

}  // namespace

bool av_decodes(core::Codec codec) { return find(codec) != nullptr; }

DecoderResult make_av_decoder(core::Codec codec) {
  if (!av_decodes(codec)) return std::unexpected(SetupError::not_available);
  auto decoder = std::make_unique<AvDecoder>();
  if (!decoder->open(codec)) return std::unexpected(SetupError::engine_failed);
  return decoder;
}

}  // namespace lucid::codec::detail
