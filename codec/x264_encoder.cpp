extern "C" {
#include <libavutil/opt.h>
}
#include <cstring>

#include "codec/detail/av.hpp"
#include "codec/detail/engines.hpp"

namespace lucid::codec::detail {

namespace {

// x264 through libavcodec. It cannot change its rate while running, so it starts anew for that.
class X264Encoder final : public VideoEncoder {
 public:
  explicit X264Encoder(const VideoEncoderConfig& config) : config_{config}, dependencies_{1} {}

  bool open() {
    const AVCodec* engine = avcodec_find_encoder_by_name("libx264");
    if (engine == nullptr) return false;
    context_.reset(avcodec_alloc_context3(engine));
    frame_.reset(av_frame_alloc());
    packet_.reset(av_packet_alloc());
    context_->width = config_.width;
    context_->height = config_.height;
    context_->pix_fmt = AV_PIX_FMT_YUV420P;
    context_->time_base = {1, 90'000};
    context_->framerate = av_d2q(config_.framerate, 1000);
    context_->bit_rate = config_.bitrate;
    context_->rc_max_rate = config_.bitrate;
    context_->rc_buffer_size = static_cast<int>(config_.bitrate / 2);
    context_->gop_size = 1'000'000;  // key frames come when somebody asks for one
    context_->max_b_frames = 0;
    context_->thread_count = config_.threads;
    const bool high = config_.profile == H264Profile::high;
    av_opt_set(context_->priv_data, "preset", "veryfast", 0);
    av_opt_set(context_->priv_data, "tune", "zerolatency", 0);
    av_opt_set(context_->priv_data, "profile", high ? "high" : "baseline", 0);
    av_opt_set(context_->priv_data, "forced-idr", "1", 0);
    av_log_set_level(AV_LOG_QUIET);
    return avcodec_open2(context_.get(), engine, nullptr) == 0;
  }

  std::expected<std::vector<core::EncodedFrame>, CodecError> encode(const core::VideoFrame& frame,
                                                                    KeyFrame key) override {
    if (!whole(frame)) return std::unexpected(CodecError::bad_frame);
    if (frame.width != config_.width || frame.height != config_.height) {
      config_.width = frame.width;
      config_.height = frame.height;
      if (!open()) return std::unexpected(CodecError::engine_failed);
    }
    if (!fill(frame, key)) return std::unexpected(CodecError::engine_failed);
    const int sent = avcodec_send_frame(context_.get(), frame_.get());
    av_frame_unref(frame_.get());
    if (sent < 0) return std::unexpected(CodecError::engine_failed);
    std::vector<core::EncodedFrame> frames;
    while (avcodec_receive_packet(context_.get(), packet_.get()) == 0) {
      core::EncodedFrame out = encoded_from(core::Codec::h264, frame, config_.rid);
      out.data.assign(packet_->data, packet_->data + packet_->size);
      out.key = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
      dependencies_.next(out, 0);
      frames.push_back(std::move(out));
      av_packet_unref(packet_.get());
    }
    return frames;
  }

  std::expected<void, CodecError> set_rates(std::uint32_t bitrate, double framerate) override {
    if (bitrate == config_.bitrate && framerate == config_.framerate) return {};
    config_.bitrate = bitrate;
    config_.framerate = framerate;
    if (!open()) return std::unexpected(CodecError::engine_failed);
    return {};
  }

  double coarseness() const override { return 0.5; }

 private:
  bool fill(const core::VideoFrame& from, KeyFrame key) {
    frame_->format = AV_PIX_FMT_YUV420P;
    frame_->width = from.width;
    frame_->height = from.height;
    if (av_frame_get_buffer(frame_.get(), 0) != 0) return false;
    const Planes planes = planes_of(from);
    const std::uint8_t* const sources[] = {planes.y, planes.u, planes.v};
    for (int plane = 0; plane < 3; ++plane) {
      const int columns = plane == 0 ? from.width : (from.width + 1) / 2;
      const int rows = plane == 0 ? from.height : (from.height + 1) / 2;
      for (int row = 0; row < rows; ++row) {
        std::memcpy(
            frame_->data[plane] + static_cast<std::ptrdiff_t>(row) * frame_->linesize[plane],
            sources[plane] + static_cast<std::ptrdiff_t>(row) * columns,
            static_cast<std::size_t>(columns));
      }
    }
    const auto ticks = from.capture_time.time_since_epoch().count() * 9 / 100;
    last_pts_ = std::max<std::int64_t>(last_pts_ + 1, ticks);
    frame_->pts = last_pts_;
    frame_->pict_type = key == KeyFrame::now ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    return true;
  }

  VideoEncoderConfig config_;
  Dependencies dependencies_;
  AvContext context_;
  AvFrame frame_;
  AvPacket packet_;
  std::int64_t last_pts_ = -1;
};

}  // namespace

bool x264_available() { return avcodec_find_encoder_by_name("libx264") != nullptr; }

EncoderResult make_x264_encoder(const VideoEncoderConfig& config) {
  if (config.spatial_layers > 1 || config.temporal_layers > 1) {
    return std::unexpected(SetupError::bad_configuration);
  }
  if (!x264_available()) return std::unexpected(SetupError::not_available);
  auto encoder = std::make_unique<X264Encoder>(config);
  if (!encoder->open()) return std::unexpected(SetupError::engine_failed);
  return encoder;
}

}  // namespace lucid::codec::detail
