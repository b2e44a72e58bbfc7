#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "codec/detail/engines.hpp"

namespace lucid::codec::detail {

namespace {

// VP8 leaves the choice of references to the caller: layer 0 renews LAST, layer 1 GOLDEN, and layer
// 2 nothing; each refers to what lower layers renewed, so that higher ones can be left out.
vpx_enc_frame_flags_t vp8_references(std::uint8_t layers, std::uint8_t layer) {
  if (layers == 1) return 0;
  constexpr vpx_enc_frame_flags_t never_alt = VP8_EFLAG_NO_REF_ARF | VP8_EFLAG_NO_UPD_ARF;
  if (layer == 0) return never_alt | VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_UPD_GF;
  if (layer + 1 == layers) {
    return never_alt | VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ENTROPY |
           (layers == 2 ? VP8_EFLAG_NO_REF_GF : 0);
  }
  return never_alt | VP8_EFLAG_NO_UPD_LAST;
}

class VpxEncoder final : public VideoEncoder {
 public:
  explicit VpxEncoder(const VideoEncoderConfig& config)
      : config_{config}, dependencies_{config.temporal_layers} {}
  ~VpxEncoder() override {
    if (open_) vpx_codec_destroy(&codec_);
  }

  bool open() {
    vpx_codec_iface_t* engine = vp8() ? vpx_codec_vp8_cx() : vpx_codec_vp9_cx();
    if (vpx_codec_enc_config_default(engine, &settings_, 0) != VPX_CODEC_OK) return false;
    describe();
    if (vpx_codec_enc_init(&codec_, engine, &settings_, 0) != VPX_CODEC_OK) return false;
    open_ = true;
    return control();
  }

  std::expected<std::vector<core::EncodedFrame>, CodecError> encode(const core::VideoFrame& frame,
                                                                    KeyFrame key) override {
    if (!whole(frame)) return std::unexpected(CodecError::bad_frame);
    if (frame.width != settings_.g_w || frame.height != settings_.g_h) {
      if (!resize(frame.width, frame.height)) return std::unexpected(CodecError::engine_failed);
      key = KeyFrame::now;
    }
    const std::uint8_t layer = dependencies_.layer_of_next(key);
    vpx_enc_frame_flags_t flags = key == KeyFrame::now ? VPX_EFLAG_FORCE_KF : 0;
    if (vp8() && key != KeyFrame::now) flags |= vp8_references(config_.temporal_layers, layer);
    if (vp8() && config_.temporal_layers > 1) {
      vpx_codec_control(&codec_, VP8E_SET_TEMPORAL_LAYER_ID, layer);
    }
    current_ = &frame;
    current_layer_ = layer;
    frames_.clear();
    vpx_image_t image;
    vpx_img_wrap(&image, VPX_IMG_FMT_I420, frame.width, frame.height, 1,
                 const_cast<std::uint8_t*>(frame.planes.data()));
    const vpx_codec_err_t error = vpx_codec_encode(&codec_, &image, next_pts(frame.capture_time),
                                                   frame_duration(), flags, VPX_DL_REALTIME);
    if (error != VPX_CODEC_OK) return std::unexpected(CodecError::engine_failed);
    collect();
    if (!frames_.empty()) frames_.back().last_of_picture = true;
    return std::move(frames_);
  }

  std::expected<void, CodecError> set_rates(std::uint32_t bitrate, double framerate) override {
    config_.bitrate = bitrate;
    config_.framerate = framerate;
    set_bitrates();
    if (vpx_codec_enc_config_set(&codec_, &settings_) != VPX_CODEC_OK) {
      return std::unexpected(CodecError::engine_failed);
    }
    return {};
  }

  double coarseness() const override {
    int quantizer = 0;
    vpx_codec_control(const_cast<vpx_codec_ctx_t*>(&codec_), VP8E_GET_LAST_QUANTIZER_64,
                      &quantizer);
    return std::min(1.0, quantizer / static_cast<double>(settings_.rc_max_quantizer));
  }

 private:
  bool vp8() const { return config_.codec == core::Codec::vp8; }
  bool layered() const { return config_.spatial_layers > 1; }

  void describe() {
    settings_.g_w = config_.width;
    settings_.g_h = config_.height;
    settings_.g_timebase = {1, timebase};
    settings_.g_threads = config_.threads;
    settings_.g_lag_in_frames = 0;  // realtime: a picture in, its frame out
    settings_.g_error_resilient =
        config_.error_resilient || config_.temporal_layers > 1 ? VPX_ERROR_RESILIENT_DEFAULT : 0;
    settings_.rc_end_usage = VPX_CBR;
    settings_.rc_dropframe_thresh = config_.content == Content::screen ? 0 : 30;
    settings_.rc_resize_allowed = 0;  // the pipeline scales, where everybody can see it
    settings_.rc_min_quantizer = 2;
    settings_.rc_max_quantizer = vp8() ? 56 : 52;
    settings_.rc_undershoot_pct = 100;
    settings_.rc_overshoot_pct = 15;
    settings_.rc_buf_initial_sz = 500;
    settings_.rc_buf_optimal_sz = 600;
    settings_.rc_buf_sz = 1000;
    settings_.kf_mode = VPX_KF_DISABLED;  // key frames come when somebody asks for one
    settings_.ts_number_layers = config_.temporal_layers;
    settings_.ss_number_layers = config_.spatial_layers;
    if (config_.temporal_layers > 1) {
      settings_.ts_periodicity = config_.temporal_layers == 3 ? 4 : 2;
      for (unsigned i = 0; i < settings_.ts_periodicity; ++i) {
        settings_.ts_layer_id[i] = temporal_layer_at(config_.temporal_layers, i);
      }
      for (unsigned i = 0; i < config_.temporal_layers; ++i) {
        settings_.ts_rate_decimator[i] = 1U << (config_.temporal_layers - 1U - i);
      }
      settings_.temporal_layering_mode = config_.temporal_layers == 3
                                             ? VP9E_TEMPORAL_LAYERING_MODE_0212
                                             : VP9E_TEMPORAL_LAYERING_MODE_0101;
    }
    set_bitrates();
  }

  // Each spatial layer has half the width and height of the next; it gets a third of its bits.
  void set_bitrates() {
    settings_.rc_target_bitrate = std::max(1U, config_.bitrate / 1000);
    const auto& share = layer_share[config_.temporal_layers - 1U];
    for (unsigned t = 0; t < config_.temporal_layers; ++t) {
      settings_.ts_target_bitrate[t] = settings_.rc_target_bitrate * share[t] / 100;
    }
    double weight_of_all = 0;
    for (unsigned s = 0; s < config_.spatial_layers; ++s) weight_of_all += std::pow(3.0, s);
    for (unsigned s = 0; s < config_.spatial_layers; ++s) {
      const double part = std::pow(3.0, s) / weight_of_all;
      const auto bits = static_cast<unsigned>(settings_.rc_target_bitrate * part);
      settings_.ss_target_bitrate[s] = bits;
      for (unsigned t = 0; t < config_.temporal_layers; ++t) {
        settings_.layer_target_bitrate[s * config_.temporal_layers + t] = bits * share[t] / 100;
      }
    }
  }

  bool control() {
    const bool screen = config_.content == Content::screen;
    if (vp8()) {
      return set(VP8E_SET_CPUUSED, -6) && set(VP8E_SET_STATIC_THRESHOLD, screen ? 100 : 1) &&
             set(VP8E_SET_NOISE_SENSITIVITY, 0) && set(VP8E_SET_TOKEN_PARTITIONS, 0) &&
             set(VP8E_SET_SCREEN_CONTENT_MODE, screen ? 1 : 0) &&
             set(VP8E_SET_MAX_INTRA_BITRATE_PCT, 450);
    }
    return set(VP8E_SET_CPUUSED, 8) && set(VP9E_SET_ROW_MT, 0) &&
           set(VP9E_SET_AQ_MODE, screen ? 0 : 3) && set(VP9E_SET_FRAME_PARALLEL_DECODING, 0) &&
           set(VP9E_SET_TUNE_CONTENT, screen ? VP9E_CONTENT_SCREEN : VP9E_CONTENT_DEFAULT) &&
           set(VP8E_SET_MAX_INTRA_BITRATE_PCT, 450) && set_up_layers();
  }
  bool set(int name, int value) { return vpx_codec_control_(&codec_, name, value) == VPX_CODEC_OK; }

  bool set_up_layers() {
    if (!layered() && config_.temporal_layers == 1) return true;
    vpx_svc_extra_cfg_t layers{};
    for (unsigned s = 0; s < config_.spatial_layers; ++s) {
      layers.scaling_factor_num[s] = 1;
      layers.scaling_factor_den[s] = 1 << (config_.spatial_layers - 1U - s);
      for (unsigned t = 0; t < config_.temporal_layers; ++t) {
        layers.max_quantizers[s * config_.temporal_layers + t] =
            static_cast<int>(settings_.rc_max_quantizer);
        layers.min_quantizers[s * config_.temporal_layers + t] =
            static_cast<int>(settings_.rc_min_quantizer);
      }
    }
    vpx_codec_priv_output_cx_pkt_cb_pair_t callback{&VpxEncoder::layer_done, this};
    return set(VP9E_SET_SVC, 1) &&
           vpx_codec_control(&codec_, VP9E_SET_SVC_PARAMETERS, &layers) == VPX_CODEC_OK &&
           vpx_codec_control(&codec_, VP9E_REGISTER_CX_CALLBACK, &callback) == VPX_CODEC_OK;
  }
  // libvpx hands out the layers of one picture here; without this it would glue them together.
  static void layer_done(vpx_codec_cx_pkt_t* packet, void* self) noexcept {
    static_cast<VpxEncoder*>(self)->take(*packet);
  }

  bool resize(std::uint16_t width, std::uint16_t height) {
    config_.width = width;
    config_.height = height;
    // VP8 and VP9 can shrink within their first size; beyond that the encoder starts anew.
    if (!layered() && width <= first_width_ && height <= first_height_) {
      settings_.g_w = width;
      settings_.g_h = height;
      return vpx_codec_enc_config_set(&codec_, &settings_) == VPX_CODEC_OK;
    }
    vpx_codec_destroy(&codec_);
    open_ = false;
    first_width_ = width;
    first_height_ = height;
    return open();
  }

  vpx_codec_pts_t next_pts(core::Time time) {
    const auto ticks = static_cast<vpx_codec_pts_t>(time.time_since_epoch().count() * 9 / 100);
    last_pts_ = std::max(last_pts_ + 1, ticks);
    return last_pts_;
  }
  unsigned long frame_duration() const {
    return static_cast<unsigned long>(timebase / std::clamp(config_.framerate, 1.0, 1000.0));
  }

  void collect() {
    vpx_codec_iter_t position = nullptr;
    while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(&codec_, &position)) {
      if (packet->kind == VPX_CODEC_CX_FRAME_PKT) take(*packet);
    }
  }

  void take(const vpx_codec_cx_pkt_t& packet) {
    if (packet.data.frame.sz == 0) return;
    core::EncodedFrame out = encoded_from(config_.codec, *current_, config_.rid);
    const auto* bytes = static_cast<const std::uint8_t*>(packet.data.frame.buf);
    out.data.assign(bytes, bytes + packet.data.frame.sz);
    out.key = (packet.data.frame.flags & VPX_FRAME_IS_KEY) != 0;
    std::uint8_t temporal = out.key ? std::uint8_t{0} : current_layer_;
    if (!vp8() && (layered() || config_.temporal_layers > 1)) {
      vpx_svc_layer_id_t id{};
      vpx_codec_control(&codec_, VP9E_GET_SVC_LAYER_ID, &id);
      out.spatial_layer = static_cast<std::uint8_t>(id.spatial_layer_id);
      temporal = static_cast<std::uint8_t>(id.temporal_layer_id);
    }
    const unsigned down = config_.spatial_layers - 1U - out.spatial_layer;
    out.width = static_cast<std::uint16_t>(settings_.g_w >> down);
    out.height = static_cast<std::uint16_t>(settings_.g_h >> down);
    out.last_of_picture = false;
    if (out.spatial_layer == 0) {
      dependencies_.next(out, temporal);
      if (layered()) {
        base_of_picture_ = out;
        base_of_picture_.data.clear();
      }
    } else {
      // A higher layer of the picture needs the layer below, and the same as that one does.
      dependencies_.above(out, base_of_picture_,
                          frames_.empty() ? base_of_picture_.id : frames_.back().id);
    }
    frames_.push_back(std::move(out));
  }

  VideoEncoderConfig config_;
  Dependencies dependencies_;
  vpx_codec_ctx_t codec_{};
  vpx_codec_enc_cfg_t settings_{};
  bool open_ = false;
  std::uint16_t first_width_ = config_.width;
  std::uint16_t first_height_ = config_.height;
  vpx_codec_pts_t last_pts_ = -1;
  const core::VideoFrame* current_ = nullptr;
  std::uint8_t current_layer_ = 0;
  core::EncodedFrame base_of_picture_;
  std::vector<core::EncodedFrame> frames_;
};

}  // namespace

EncoderResult make_vpx_encoder(const VideoEncoderConfig& config) {
  if (config.codec == core::Codec::vp8 && config.spatial_layers > 1) {
    return std::unexpected(SetupError::bad_configuration);
  }
  auto encoder = std::make_unique<VpxEncoder>(config);
  if (!encoder->open()) return std::unexpected(SetupError::engine_failed);
  return encoder;
}

}  // namespace lucid::codec::detail
