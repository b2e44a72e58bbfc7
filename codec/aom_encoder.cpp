#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

#include <algorithm>

#include "codec/detail/engines.hpp"

namespace lucid::codec::detail {

namespace {

// AV1 RTP 1.0, 5: temporal delimiters are not sent. One stands first in each of libaom's packets.
core::Bytes without_delimiter(core::Bytes obus) {
  constexpr std::uint8_t delimiter[] = {0x12, 0x00};
  if (obus.size() > 2 && core::equal(obus.first(2), delimiter)) return obus.subspan(2);
  return obus;
}

class AomEncoder final : public VideoEncoder {
 public:
  explicit AomEncoder(const VideoEncoderConfig& config)
      : config_{config}, dependencies_{config.temporal_layers} {}
  ~AomEncoder() override { shut(); }

  bool open() {
    shut();
    aom_codec_iface_t* engine = aom_codec_av1_cx();
    if (aom_codec_enc_config_default(engine, &settings_, AOM_USAGE_REALTIME) != AOM_CODEC_OK) {
      return false;
    }
    describe();
    if (aom_codec_enc_init(&codec_, engine, &settings_, 0) != AOM_CODEC_OK) return false;
    open_ = true;
    const bool screen = config_.content == Content::screen;
    return set(AOME_SET_CPUUSED, 10) && set(AV1E_SET_AQ_MODE, screen ? 0 : 3) &&
           set(AV1E_SET_ROW_MT, 0) && set(AV1E_SET_ENABLE_ORDER_HINT, 0) &&
           set(AV1E_SET_ENABLE_OBMC, 0) && set(AV1E_SET_ENABLE_WARPED_MOTION, 0) &&
           set(AV1E_SET_ENABLE_GLOBAL_MOTION, 0) && set(AV1E_SET_ENABLE_TPL_MODEL, 0) &&
           set(AV1E_SET_DELTAQ_MODE, 0) && set(AV1E_SET_COEFF_COST_UPD_FREQ, 3) &&
           set(AV1E_SET_MODE_COST_UPD_FREQ, 3) && set(AV1E_SET_MV_COST_UPD_FREQ, 3) &&
           set(AV1E_SET_TUNE_CONTENT, screen ? AOM_CONTENT_SCREEN : AOM_CONTENT_DEFAULT) &&
           set_up_layers();
  }

  std::expected<std::vector<core::EncodedFrame>, CodecError> encode(const core::VideoFrame& frame,
                                                                    KeyFrame key) override {
    if (!whole(frame)) return std::unexpected(CodecError::bad_frame);
    if (frame.width != config_.width || frame.height != config_.height) {
      config_.width = frame.width;
      config_.height = frame.height;
      if (!open()) return std::unexpected(CodecError::engine_failed);
      key = KeyFrame::now;
    }
    const std::uint8_t layer = dependencies_.layer_of_next(key);
    if (config_.temporal_layers > 1 && !choose_references(layer)) {
      return std::unexpected(CodecError::engine_failed);
    }
    aom_image_t image;
    aom_img_wrap(&image, AOM_IMG_FMT_I420, frame.width, frame.height, 1,
                 const_cast<std::uint8_t*>(frame.planes.data()));
    const aom_enc_frame_flags_t flags = key == KeyFrame::now ? AOM_EFLAG_FORCE_KF : 0;
    if (aom_codec_encode(&codec_, &image, next_pts(frame.capture_time), frame_duration(), flags) !=
        AOM_CODEC_OK) {
      return std::unexpected(CodecError::engine_failed);
    }
    return collect(frame, layer);
  }

  std::expected<void, CodecError> set_rates(std::uint32_t bitrate, double framerate) override {
    config_.bitrate = bitrate;
    config_.framerate = framerate;
    settings_.rc_target_bitrate = std::max(1U, bitrate / 1000);
    if (aom_codec_enc_config_set(&codec_, &settings_) != AOM_CODEC_OK || !set_up_layers()) {
      return std::unexpected(CodecError::engine_failed);
    }
    return {};
  }

  double coarseness() const override {
    int quantizer = 0;
    aom_codec_control(const_cast<aom_codec_ctx_t*>(&codec_), AOME_GET_LAST_QUANTIZER_64,
                      &quantizer);
    return std::min(1.0, quantizer / static_cast<double>(settings_.rc_max_quantizer));
  }

 private:
  void shut() {
    if (open_) aom_codec_destroy(&codec_);
    open_ = false;
  }

  bool set(int name, int value) { return aom_codec_control(&codec_, name, value) == AOM_CODEC_OK; }

  void describe() {
    settings_.g_w = config_.width;
    settings_.g_h = config_.height;
    settings_.g_threads = config_.threads;
    settings_.g_timebase = {1, timebase};
    settings_.g_lag_in_frames = 0;
    settings_.g_error_resilient = config_.error_resilient ? 1 : 0;
    settings_.rc_end_usage = AOM_CBR;
    settings_.rc_target_bitrate = std::max(1U, config_.bitrate / 1000);
    settings_.rc_min_quantizer = 10;
    settings_.rc_max_quantizer = 56;
    settings_.rc_buf_initial_sz = 600;
    settings_.rc_buf_optimal_sz = 600;
    settings_.rc_buf_sz = 1000;
    settings_.rc_dropframe_thresh = config_.content == Content::screen ? 0 : 30;
    settings_.kf_mode = AOM_KF_DISABLED;  // key frames come when somebody asks for one
  }

  bool set_up_layers() {
    if (config_.temporal_layers == 1) return true;
    aom_svc_params_t layers{};
    layers.number_spatial_layers = 1;
    layers.number_temporal_layers = config_.temporal_layers;
    layers.scaling_factor_num[0] = layers.scaling_factor_den[0] = 1;
    for (int t = 0; t < config_.temporal_layers; ++t) {
      layers.framerate_factor[t] = 1 << (config_.temporal_layers - 1 - t);
      layers.layer_target_bitrate[t] = static_cast<int>(
          settings_.rc_target_bitrate *
          layer_share[config_.temporal_layers - 1][static_cast<std::size_t>(t)] / 100);
      layers.max_quantizers[t] = static_cast<int>(settings_.rc_max_quantizer);
      layers.min_quantizers[t] = static_cast<int>(settings_.rc_min_quantizer);
    }
    return aom_codec_control(&codec_, AV1E_SET_SVC_PARAMS, &layers) == AOM_CODEC_OK;
  }

  // Layer 0 renews slot 0 (LAST), a middle layer slot 1 (LAST2 to it), the highest renews nothing.
  bool choose_references(std::uint8_t layer) {
    aom_svc_layer_id_t id{0, layer};
    if (aom_codec_control(&codec_, AV1E_SET_SVC_LAYER_ID, &id) != AOM_CODEC_OK) return false;
    const bool highest = layer + 1 == config_.temporal_layers;
    aom_svc_ref_frame_config_t references{};
    references.reference[0] = 1;
    references.ref_idx[1] = 1;
    references.reference[1] = highest && layer == 2 ? 1 : 0;
    if (layer == 0) references.refresh[0] = 1;
    if (layer == 1 && !highest) references.refresh[1] = 1;
    return aom_codec_control(&codec_, AV1E_SET_SVC_REF_FRAME_CONFIG, &references) == AOM_CODEC_OK;
  }

  aom_codec_pts_t next_pts(core::Time time) {
    const auto ticks = static_cast<aom_codec_pts_t>(time.time_since_epoch().count() * 9 / 100);
    last_pts_ = std::max(last_pts_ + 1, ticks);
    return last_pts_;
  }
  unsigned long frame_duration() const {
    return static_cast<unsigned long>(timebase / std::clamp(config_.framerate, 1.0, 1000.0));
  }

  std::vector<core::EncodedFrame> collect(const core::VideoFrame& frame, std::uint8_t layer) {
    std::vector<core::EncodedFrame> frames;
    aom_codec_iter_t position = nullptr;
    while (const aom_codec_cx_pkt_t* packet = aom_codec_get_cx_data(&codec_, &position)) {
      if (packet->kind != AOM_CODEC_CX_FRAME_PKT || packet->data.frame.sz == 0) continue;
      core::EncodedFrame out = encoded_from(core::Codec::av1, frame, config_.rid);
      const core::Bytes obus = without_delimiter(
          {static_cast<const std::uint8_t*>(packet->data.frame.buf), packet->data.frame.sz});
      out.data.assign(obus.begin(), obus.end());
      out.key = (packet->data.frame.flags & AOM_FRAME_IS_KEY) != 0;
      dependencies_.next(out, out.key ? std::uint8_t{0} : layer);
      frames.push_back(std::move(out));
    }
    return frames;
  }

  VideoEncoderConfig config_;
  Dependencies dependencies_;
  aom_codec_ctx_t codec_{};
  aom_codec_enc_cfg_t settings_{};
  bool open_ = false;
  aom_codec_pts_t last_pts_ = -1;
};

}  // namespace

EncoderResult make_aom_encoder(const VideoEncoderConfig& config) {
  if (config.spatial_layers > 1) return std::unexpected(SetupError::bad_configuration);
  auto encoder = std::make_unique<AomEncoder>(config);
  if (!encoder->open()) return std::unexpected(SetupError::engine_failed);
  return encoder;
}

}  // namespace lucid::codec::detail
