#include <wels/codec_api.h>

#include <algorithm>

#include "codec/detail/engines.hpp"

namespace lucid::codec::detail {

namespace {

void destroy(ISVCEncoder* encoder) { WelsDestroySVCEncoder(encoder); }

struct Release {
  void operator()(ISVCEncoder* encoder) const noexcept {
    encoder->Uninitialize();
    destroy(encoder);
  }
};

class OpenH264Encoder final : public VideoEncoder {
 public:
  explicit OpenH264Encoder(const VideoEncoderConfig& config)
      : config_{config}, dependencies_{config.temporal_layers} {}

  bool open() {
    ISVCEncoder* encoder = nullptr;
    if (WelsCreateSVCEncoder(&encoder) != 0 || encoder == nullptr) return false;
    encoder_.reset(encoder);
    SEncParamExt settings{};
    encoder->GetDefaultParams(&settings);
    describe(settings);
    int quiet = WELS_LOG_QUIET;
    encoder->SetOption(ENCODER_OPTION_TRACE_LEVEL, &quiet);
    if (encoder->InitializeExt(&settings) != cmResultSuccess) return false;
    int format = videoFormatI420;
    return encoder->SetOption(ENCODER_OPTION_DATAFORMAT, &format) == cmResultSuccess;
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
    if (key == KeyFrame::now) encoder_->ForceIntraFrame(true);
    const Planes planes = planes_of(frame);
    SSourcePicture picture{};
    picture.iColorFormat = videoFormatI420;
    picture.iPicWidth = frame.width;
    picture.iPicHeight = frame.height;
    picture.pData[0] = const_cast<unsigned char*>(planes.y);
    picture.pData[1] = const_cast<unsigned char*>(planes.u);
    picture.pData[2] = const_cast<unsigned char*>(planes.v);
    picture.iStride[0] = planes.luma_stride;
    picture.iStride[1] = picture.iStride[2] = planes.chroma_stride;
    picture.uiTimeStamp = frame.capture_time.time_since_epoch().count() / 1000;
    SFrameBSInfo info{};
    if (encoder_->EncodeFrame(&picture, &info) != cmResultSuccess) {
      return std::unexpected(CodecError::engine_failed);
    }
    std::vector<core::EncodedFrame> frames;
    if (info.eFrameType == videoFrameTypeSkip || info.eFrameType == videoFrameTypeInvalid) {
      return frames;
    }
    frames.push_back(take(info, frame));
    return frames;
  }

  std::expected<void, CodecError> set_rates(std::uint32_t bitrate, double framerate) override {
    config_.bitrate = bitrate;
    config_.framerate = framerate;
    SBitrateInfo rate{SPATIAL_LAYER_ALL, static_cast<int>(bitrate)};
    SBitrateInfo peak{SPATIAL_LAYER_ALL, static_cast<int>(bitrate + bitrate / 2)};
    auto rate_of_frames = static_cast<float>(std::clamp(framerate, 1.0, 60.0));  // its range
    const bool ok =
        encoder_->SetOption(ENCODER_OPTION_MAX_BITRATE, &peak) == cmResultSuccess &&
        encoder_->SetOption(ENCODER_OPTION_BITRATE, &rate) == cmResultSuccess &&
        encoder_->SetOption(ENCODER_OPTION_FRAME_RATE, &rate_of_frames) == cmResultSuccess;
    if (!ok) return std::unexpected(CodecError::engine_failed);
    return {};
  }

  // The library tells no quantizer; bits for each pixel say nearly as much.
  double coarseness() const override {
    const double bits = config_.bitrate / std::max(1.0, config_.framerate) /
                        (static_cast<double>(config_.width) * config_.height);
    return std::clamp(1.0 - bits * 10, 0.0, 1.0);
  }

 private:
  void describe(SEncParamExt& settings) const {
    settings.iUsageType =
        config_.content == Content::screen ? SCREEN_CONTENT_REAL_TIME : CAMERA_VIDEO_REAL_TIME;
    settings.iPicWidth = config_.width;
    settings.iPicHeight = config_.height;
    settings.iTargetBitrate = static_cast<int>(config_.bitrate);
    settings.iMaxBitrate = static_cast<int>(config_.bitrate + config_.bitrate / 2);
    settings.fMaxFrameRate = static_cast<float>(config_.framerate);
    settings.iRCMode = RC_BITRATE_MODE;
    settings.bEnableFrameSkip = config_.content == Content::camera;
    settings.iTemporalLayerNum = config_.temporal_layers;
    settings.iSpatialLayerNum = 1;
    settings.uiIntraPeriod = 0;  // key frames come when somebody asks for one
    settings.iMultipleThreadIdc = config_.threads;
    settings.eSpsPpsIdStrategy = CONSTANT_ID;
    settings.bEnableSceneChangeDetect = false;
    settings.bEnableBackgroundDetection = true;
    const bool high = config_.profile == H264Profile::high;
    settings.iEntropyCodingModeFlag = high ? 1 : 0;
    SSpatialLayerConfig& layer = settings.sSpatialLayers[0];
    layer.iVideoWidth = config_.width;
    layer.iVideoHeight = config_.height;
    layer.fFrameRate = settings.fMaxFrameRate;
    layer.iSpatialBitrate = settings.iTargetBitrate;
    layer.iMaxSpatialBitrate = settings.iMaxBitrate;
    layer.uiProfileIdc = high ? PRO_HIGH : PRO_BASELINE;
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
  }

  core::EncodedFrame take(const SFrameBSInfo& info, const core::VideoFrame& frame) {
    core::EncodedFrame out = encoded_from(core::Codec::h264, frame, config_.rid);
    std::uint8_t temporal = 0;
    for (int i = 0; i < info.iLayerNum; ++i) {
      const SLayerBSInfo& layer = info.sLayerInfo[i];
      std::size_t size = 0;
      for (int n = 0; n < layer.iNalCount; ++n)
        size += static_cast<std::size_t>(layer.pNalLengthInByte[n]);
      out.data.insert(out.data.end(), layer.pBsBuf, layer.pBsBuf + size);
      if (layer.uiLayerType == VIDEO_CODING_LAYER) temporal = layer.uiTemporalId;
    }
    out.key = info.eFrameType == videoFrameTypeIDR;
    dependencies_.next(out, temporal);
    return out;
  }

  VideoEncoderConfig config_;
  Dependencies dependencies_;
  std::unique_ptr<ISVCEncoder, Release> encoder_;
};

}  // namespace

EncoderResult make_openh264_encoder(const VideoEncoderConfig& config) {
  if (config.spatial_layers > 1) return std::unexpected(SetupError::bad_configuration);
  auto encoder = std::make_unique<OpenH264Encoder>(config);
  if (!encoder->open()) return std::unexpected(SetupError::engine_failed);
  return encoder;
}

}  // namespace lucid::codec::detail
